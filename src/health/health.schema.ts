import { z } from 'zod';

export const HealthCheckResponse = z
  .object({
    status: z.enum(['up', 'down']),
    message: z.string().optional().meta({ description: 'What is wrong, when it is down.' }),
  })
  .meta({ id: 'HealthCheck', description: 'One thing that pkgserver needs.' });

export const HealthResponse = z
  .object({
    status: z.enum(['ok']),
    checks: z.record(z.string(), HealthCheckResponse).meta({ description: 'By name; empty for liveness.' }),
  })
  .meta({
    id: 'Health',
    description: 'The process is well.',
    example: { status: 'ok', checks: { database: { status: 'up' } } },
  });

export type HealthCheck = z.infer<typeof HealthCheckResponse>;
export type Health = z.infer<typeof HealthResponse>;
