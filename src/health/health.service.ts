import { Injectable } from '@nestjs/common';
import { BlobStore } from '../content/blob-store/blob-store.js';
import { Database } from '../database/database.js';
import { isoTime } from '../domain/iso-time.js';
import { DomainError, type ProblemMembers } from '../domain/errors.js';
import { Doorbell } from '../queue/doorbell.js';
import { SealingKeys } from '../vault/credential-vault.js';
import { StoredKeys } from '../vault/stored-keys.js';
import { MachineFaultStore } from './machine-fault.store.js';

const TIMEOUT_MS = 3_000;

type Checks = NonNullable<ProblemMembers['checks']>;

export interface Health {
  /** `degraded`: something is missing without which work only begins later. */
  status: 'ok' | 'degraded';
  checks: Checks;
}

@Injectable()
export class HealthService {
  private stopping = false;
  /** When a check was first seen down, of those that are. */
  private readonly downSince = new Map<string, Date>();

  constructor(
    private readonly database: Database,
    private readonly doorbell: Doorbell,
    private readonly faults: MachineFaultStore,
    private readonly stored: StoredKeys,
    private readonly keys: SealingKeys,
    private readonly blobStore: BlobStore,
  ) {}

  /** Nobody should send requests any more. */
  stop(): void {
    this.stopping = true;
  }

  /** Throws `unavailable`, with the checks, once the process is to stop, and without the database: the queue only makes work begin sooner. */
  async ready(): Promise<Health> {
    if (this.stopping) {
      const message = 'The process was told to stop.';
      throw new DomainError('unavailable', message, { checks: { process: { status: 'down', message } } });
    }
    const checks = await this.checks(TIMEOUT_MS);
    const { database } = checks;
    if (database?.status === 'down') throw new DomainError('unavailable', database.message ?? '', { checks });
    const isWhole = Object.values(checks).every(({ status }) => status === 'up');
    return { status: isWhole ? 'ok' : 'degraded', checks };
  }

  /** Looks at everything now. A part that has not answered after so many milliseconds is down. */
  async checks(milliseconds: number): Promise<Checks> {
    const [database, queue, blobStore] = await Promise.all([
      check(milliseconds, () => this.database.client.$queryRaw`SELECT 1`, 'The database does not answer.'),
      check(
        milliseconds,
        () => this.doorbell.depth(),
        'The queue does not answer; work begins within seconds all the same.',
      ),
      this.blobStore.isUsed
        ? check(milliseconds, () => this.blobStore.probe(), 'The blob store does not answer; what needs it waits.')
        : undefined,
    ]);
    const isUp = database.status === 'up';
    const [workers, sealingKeys] = isUp ? await Promise.all([this.machines(), this.closed()]) : [];
    return this.dated({
      database,
      queue,
      ...(blobStore && { blobStore }),
      ...(workers && { workers }),
      ...(sealingKeys && { sealingKeys }),
    });
  }

  private dated(checks: Checks): Checks {
    for (const name of this.downSince.keys()) if (checks[name]?.status !== 'down') this.downSince.delete(name);
    const dated = Object.entries(checks).map(([name, found]): [string, Checks[string]] => {
      if (found.status === 'up' || found.since !== undefined) return [name, found];
      const since = this.downSince.get(name) ?? new Date();
      this.downSince.set(name, since);
      return [name, { ...found, since: isoTime(since) }];
    });
    return Object.fromEntries(dated);
  }

  /** Whether this very process lacks keys that others have. */
  private async closed(): Promise<Checks[string] | undefined> {
    const count = await this.stored.closedTo(this.keys).catch(() => 0);
    if (count === 0) return undefined;
    const message = `${count} secrets are sealed with a key that this process does not have (CREDENTIALS_KEY); what needs them waits.`;
    return { status: 'down', message };
  }

  /**
   * What workers lack on their machines, by what repositories wait for: of all processes, since they share the work. How many
   * wait is not for everybody to know.
   */
  private async machines(): Promise<Checks[string] | undefined> {
    const [first] = await this.faults.oldest().catch(() => []);
    if (first === undefined) return undefined;
    const { reason, message, since } = first;
    return { status: 'down', message: `${reason}: ${message}`, since: isoTime(since) };
  }
}

/** `sentence` stands for the cause, which may name hosts and users. */
async function check(milliseconds: number, probe: () => Promise<unknown>, sentence: string): Promise<Checks[string]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('late')), milliseconds);
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
