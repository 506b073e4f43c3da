import { z } from 'zod';
import { healthCheck } from '../http/problem.schema.js';
import { openChoice } from '../http/schema/choice.js';

const healthStatus = openChoice(
  'HealthStatus',
  ['ok', 'degraded'],
  '`degraded`: all requests are served, but something is missing without which work is done later; `checks` ' +
    'names it.',
);

export const HealthResponse = z
  .object({
    status: healthStatus,
    checks: z.record(z.string(), healthCheck).meta({
      description: 'By name; empty for liveness.',
      examples: [{ database: { status: 'up' } }],
    }),
  })
  .meta({
    id: 'Health',
    description: 'The process can serve.',
  });

export type Health = z.infer<typeof HealthResponse>;
