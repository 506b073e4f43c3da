import type { Repository } from '../../database/generated/client.js';
import type { GitRepository } from '../../git/port.js';
import type { Lease } from './lease.js';

/** One worker's visit to one repository, under its lease: what everything that happens in it shares. */
export class RepositoryVisit {
  constructor(
    public repository: Repository,
    readonly git: GitRepository,
    private readonly lease: Lease,
    private readonly pollSeconds: number,
  ) {}

  get signal(): AbortSignal {
    return this.lease.signal;
  }

  /** Called inside each transaction that writes what was done under the lease. */
  assertHeld(): Promise<void> {
    return this.lease.assertHeld();
  }

  /** When the poll comes round again; spread by a tenth so that many repositories do not come at once. */
  nextSyncAt(): Date {
    const seconds = this.repository.syncIntervalSeconds ?? this.pollSeconds;
    return new Date(Date.now() + seconds * 1000 * (0.9 + Math.random() * 0.2));
  }

  /** Fetches commits that the mirror should hold and does not: it may have been lost since the index was made. */
  async ensure(oids: readonly (string | null)[]): Promise<void> {
    const missing: string[] = [];
    for (const oid of oids) if (oid !== null && !(await this.git.has(oid))) missing.push(oid);
    if (missing.length > 0) await this.git.fetch(missing, [], this.signal);
  }
}
