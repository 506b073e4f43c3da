import { z } from 'zod';

export const HealthCheckResponse = z
  .object({
    status: z.enum(['up', 'down']).meta({ description: 'Whether it answers.', examples: ['up'] }),
    message: z
      .string()
      .optional()
      .meta({ description: 'What is wrong, when it is down.', examples: ['The queue does not answer.'] }),
  })
  .meta({ id: 'HealthCheck', description: 'One thing that pkgserver needs.' });

export const HealthResponse = z
  .object({
    status: z.enum(['ok']).meta({ description: 'Always `ok`; a 503 says what is wrong.', examples: ['ok'] }),
    checks: z.record(z.string(), HealthCheckResponse).meta({
      description: 'By name; empty for liveness.',
      examples: [{ database: { status: 'up' } }],
    }),
  })
  .meta({
    id: 'Health',
    description: 'The process is well.',
    examples: [{ status: 'ok', checks: { database: { status: 'up' } } }],
  });

export type HealthCheck = z.infer<typeof HealthCheckResponse>;
export type Health = z.infer<typeof HealthResponse>;
