import type { Config } from '../../config/config.js';
import type { Repository } from '../../database/generated/client.js';
import { DomainError } from '../../domain/errors.js';
import { GitError, type GitErrorCode, type GitRepository } from '../../git/port.js';
import type { Lease } from '../../jobs/lease.js';

/** What a remote that answers says when it does not have (or does not show) an object. */
const LOST: ReadonlySet<GitErrorCode> = new Set(['staleRef', 'protocol', 'rejected', 'missingObject']);

/** Seconds between polls of a repository that names none. `told`: its Git host tells of changes by itself. */
export const pollSeconds = (config: Config, told: boolean): number =>
  told ? Math.max(config.syncIntervalSeconds, config.syncIntervalWithReceiverSeconds) : config.syncIntervalSeconds;

/** By how much of their interval polls are put off or brought forward, so that many repositories do not come at once. */
const SPREAD = 0.1;
/** The same for those that come late, and with many others: the workers were away, and have all of them to ask now. */
const LATE_SPREAD = 0.5;

/** The time of the next poll. `dueAt`: when this one was to be made. */
export function nextPoll(
  repository: Pick<Repository, 'syncIntervalSeconds'>,
  defaultSeconds: number,
  dueAt = new Date(),
): Date {
  const interval = (repository.syncIntervalSeconds ?? defaultSeconds) * 1000;
  const spread = Date.now() - dueAt.getTime() > interval * SPREAD ? LATE_SPREAD : SPREAD;
  return new Date(Date.now() + interval * (1 + spread * (2 * Math.random() - 1)));
}

/**
 * One worker's visit to one repository, under its lease: what everything that happens in it shares. It never changes:
 * who moves the repository's head returns the visit as it is then ({@link withHead}).
 */
export class RepositoryVisit {
  private constructor(
    readonly repository: Repository,
    readonly git: GitRepository,
    private readonly lease: Lease,
    private readonly pollSeconds: number,
    /** Commits that the mirror is known to hold: a thousand operations may rest on one. */
    private readonly present: Set<string>,
  ) {}

  static begin(repository: Repository, git: GitRepository, lease: Lease, pollSeconds: number): RepositoryVisit {
    return new RepositoryVisit(repository, git, lease, pollSeconds, new Set());
  }

  /** The same visit after the index has taken `commit` as the head of the repository's ref. */
  withHead(commit: string | null): RepositoryVisit {
    const repository = { ...this.repository, commit, headsBy: this.repository.discovery };
    return new RepositoryVisit(repository, this.git, this.lease, this.pollSeconds, this.present);
  }

  get signal(): AbortSignal {
    return this.lease.signal;
  }

  /** Called inside each transaction that writes what was done under the lease. */
  assertHeld(): Promise<void> {
    return this.lease.assertHeld();
  }

  /** When the poll comes round again. */
  nextSyncAt(): Date {
    return nextPoll(this.repository, this.pollSeconds);
  }

  /**
   * Fetches commits that the mirror should hold and does not: it may have been lost since the index was made. Throws
   * DomainError when the remote has lost one too, which is a matter of one operation alone.
   */
  async ensure(oids: readonly (string | null)[]): Promise<void> {
    for (const oid of oids) {
      if (oid === null || this.present.has(oid)) continue;
      if (!(await this.git.has(oid))) {
        await this.fetch([oid]).catch((error: unknown) => {
          unlessLost(error);
          const message = `The remote does not have the commit ${oid} any more. Reject the proposal, if there is one, and rebase the draft.`;
          throw new DomainError('stateConflict', message, {}, { cause: error });
        });
      }
      this.present.add(oid);
    }
  }

  /**
   * Looks commits up, all at once, that operations are about to ask for one after the other: a thousand questions to Git
   * take as long as a few in turn. What the mirror lacks and the remote lists is fetched as one, with all that it rests
   * on; of what is missing even then nothing is said: {@link ensure} sees to it.
   */
  async foresee(oids: readonly (string | null)[], listed: ReadonlyMap<string, string>): Promise<void> {
    const lacking = await this.lookUp(oids);
    if (lacking.length === 0) return;
    const tips = new Set(listed.values());
    const wants = lacking.filter((oid) => tips.has(oid));
    if (wants.length === 0) return;
    await this.fetch(wants).catch(unlessLost);
    await this.lookUp(lacking);
  }

  /** Those that the mirror lacks. */
  private async lookUp(oids: readonly (string | null)[]): Promise<string[]> {
    const unknown = [...new Set(oids)].flatMap((oid) => (oid === null || this.present.has(oid) ? [] : oid));
    const lacking = await Promise.all(
      unknown.map(async (oid) => {
        if (!(await this.git.has(oid))) return oid;
        this.present.add(oid);
        return [];
      }),
    );
    return lacking.flat();
  }

  private async fetch(oids: readonly string[]): Promise<void> {
    const { commit } = this.repository;
    await this.git.fetch(oids, commit === null ? [] : [commit], this.signal);
  }
}

function unlessLost(error: unknown): void {
  if (!(error instanceof GitError) || !LOST.has(error.code)) throw error;
}
