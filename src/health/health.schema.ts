import { z } from 'zod';

export const HealthCheckResponse = z
  .object({
    status: z.enum(['up', 'down']).meta({ description: 'Whether it answers.', examples: ['up'] }),
    message: z
      .string()
      .optional()
      .meta({ description: 'What is wrong, when it is down.', examples: ['The database does not answer.'] }),
  })
  .meta({ id: 'HealthCheck', description: 'One thing that pkgserver uses.' });

export const HealthResponse = z
  .object({
    status: z.enum(['ok', 'degraded']).meta({
      description:
        '`degraded`: all requests are served and all work is done, but something is missing that makes it quicker; ' +
        '`checks` names it. What cannot be done without is answered by a 503.',
      examples: ['ok'],
    }),
    checks: z.record(z.string(), HealthCheckResponse).meta({
      description: 'By name; empty for liveness.',
      examples: [{ database: { status: 'up' } }],
    }),
  })
  .meta({
    id: 'Health',
    description: 'The process can serve.',
    examples: [{ status: 'ok', checks: { database: { status: 'up' } } }],
  });

export type HealthCheck = z.infer<typeof HealthCheckResponse>;
export type Health = z.infer<typeof HealthResponse>;
