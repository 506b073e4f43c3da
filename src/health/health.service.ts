import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { DomainError } from '../domain/errors.js';
import { Doorbell } from '../queue/doorbell.js';
import type { Health, HealthCheck } from './health.schema.js';

const TIMEOUT_MS = 3_000;

@Injectable()
export class HealthService {
  constructor(
    private readonly database: Database,
    private readonly doorbell: Doorbell,
  ) {}

  /** Whether all that a request or an operation needs is there; an `unavailable` error with the checks if not. */
  async ready(): Promise<Health> {
    const [database, queue] = await Promise.all([
      check(async () => void (await this.database.client.$queryRaw`SELECT 1`), 'The database does not answer.'),
      check(async () => void (await this.doorbell.depth()), 'The queue does not answer.'),
    ]);
    const checks = { database, queue };
    const wrong = Object.values(checks).flatMap(({ message }) => message ?? []);
    if (wrong.length > 0) throw new DomainError('unavailable', wrong.join(' '), { checks });
    return { status: 'ok', checks };
  }
}

/** `sentence` stands for the cause, which may name hosts and users. */
async function check(probe: () => Promise<void>, sentence: string): Promise<HealthCheck> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('late')), TIMEOUT_MS);
  });
  try {
    await Promise.race([probe(), late]);
    return { status: 'up' };
  } catch {
    return { status: 'down', message: sentence };
  } finally {
    clearTimeout(timer);
  }
}
