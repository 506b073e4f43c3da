import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { Config } from '../../config/config.js';
import { Database } from '../../database/database.js';
import type { Repository } from '../../database/generated/client.js';
import { logStop } from '../../database/unavailable.js';
import type { DomainError } from '../../domain/errors.js';
import { factsOf } from '../../domain/operation.js';
import { GitError, GitPort } from '../../git/port.js';
import { OperationTraces } from '../../jobs/operation-traces.js';
import { type TypedOperation, UNREADABLE } from '../../jobs/typed-operation.js';
import { Doorbell } from '../../queue/doorbell.js';
import { SyncStore } from '../sync/sync.store.js';
import { HistoryRecorder } from '../sync/history-recorder.js';
import { Synchronizer } from '../sync/synchronizer.js';
import { Bulkhead } from '../../jobs/bulkhead.js';
import { EngineStore } from './engine.store.js';
import { backoffSeconds, longestPause } from '../../jobs/faults.js';
import { JobStore } from '../../jobs/job.store.js';
import { isForeseen, isSilent, toDomainError, unreadable } from '../../remotes/failure.js';
import { GroupCloser } from './group-closer.js';
import { GroupExecutor } from './group-executor.js';
import { LeftOvers } from './left-overs.js';
import { interruptible, type Lease, LeaseLostError, Leases } from '../../jobs/lease.js';
import { RemoteAccess } from '../../remotes/remote-access.js';
import type { RepositoryKind } from './repository-handler.js';
import { RepositoryPlaces } from '../sync/repository-places.js';
import { RepositoryHandlers } from './repository-handlers.js';
import { nextPoll, pollSeconds, RepositoryVisit } from '../visit/repository-visit.js';

/** A round of so many operations is a burst, and more of them are likely to be on their way. */
const BURST = 8;
const LONGEST_GATHERING_MS = 1_000;
const GATHERING_STEP_MS = 40;

type Operations = readonly TypedOperation<RepositoryKind>[];

/** How far a round has come. */
interface Progress {
  /** Whether the index is up to date. */
  read: boolean;
  /** Operations whose end is not recorded. */
  left: Operations;
}

/** Answers the doorbell: takes the lease, fetches once, does all that is queued for the repository, and leaves. */
@Injectable()
export class Visitor {
  private readonly logger = new Logger(Visitor.name);
  private readonly stopping = new AbortController();

  constructor(
    private readonly database: Database,
    private readonly leases: Leases,
    private readonly store: EngineStore,
    private readonly jobs: JobStore,
    private readonly handlers: RepositoryHandlers,
    private readonly access: RemoteAccess,
    private readonly port: GitPort,
    private readonly places: RepositoryPlaces,
    private readonly synchronizer: Synchronizer,
    private readonly history: HistoryRecorder,
    private readonly executor: GroupExecutor,
    private readonly closer: GroupCloser,
    private readonly leftOvers: LeftOvers,
    private readonly sync: SyncStore,
    private readonly doorbell: Doorbell,
    private readonly bulkhead: Bulkhead,
    private readonly traces: OperationTraces,
    private readonly config: Config,
  ) {}

  /** Cuts the network calls of visits under way short; what they were at is taken up again by the next worker. */
  stop(): void {
    this.stopping.abort(new Error('The worker is stopping.'));
  }

  async visit(repositoryId: string): Promise<void> {
    const leave = this.bulkhead.enter(repositoryId);
    // Either way: whoever has the room or the lease looks for more work before leaving, and the sweeper after that.
    const taken =
      leave && (await this.leases.acquire(repositoryId).catch((error: unknown) => leftBehind(leave, error)));
    if (!taken) return leave?.();
    const lease = interruptible(taken, this.stopping.signal);
    try {
      for (let again = true; again && !this.stopping.signal.aborted;) {
        const begun = Date.now();
        const done = await this.round(repositoryId, lease);
        again = done !== null;
        if (done !== null && done >= BURST) await this.gather(repositoryId, Date.now() - begun);
      }
    } catch (error) {
      if (!(error instanceof LeaseLostError)) throw error;
      this.logger.warn({ message: error.message, repositoryId });
    } finally {
      leave();
      await lease.release();
    }
  }

  /**
   * While a burst goes on, more are let come, for as long as a round takes at most: they share its fetch and push.
   * Whoever comes alone never waits for this.
   */
  private async gather(repositoryId: string, milliseconds: number): Promise<void> {
    const until = Date.now() + Math.min(milliseconds, LONGEST_GATHERING_MS);
    for (let seen = 0; Date.now() < until;) {
      const queued = await this.store.queued(repositoryId);
      if (queued === seen) return;
      seen = queued;
      await sleep(GATHERING_STEP_MS, undefined, { signal: this.stopping.signal }).catch(() => undefined);
    }
  }

  /** How many operations it took; null when there is nothing more to do. */
  private async round(repositoryId: string, lease: Lease): Promise<number | null> {
    const operations = await this.claim(repositoryId, lease);
    const repository = await this.store.findRepository(repositoryId);
    if (!repository) {
      for (const operation of operations) await this.jobs.cancel(operation.id);
      await this.port.remove(repositoryId);
      return null;
    }
    if (operations.length === 0 && !(await this.store.isPollDue(repositoryId))) return null;
    return this.traces.visit(repository, operations, () => this.attend(repository, lease, operations));
  }

  private async attend(repository: Repository, lease: Lease, operations: Operations): Promise<number | null> {
    const repositoryId = repository.id;
    const progress = { read: false, left: operations };
    try {
      const done = await this.work(repository, lease, operations, progress).catch(async (error: unknown) => {
        if (!(error instanceof GitError) || error.code !== 'missingObject') throw error;
        this.logger.warn({ message: `The mirror is damaged and is made again: ${error.message}`, repositoryId });
        await this.port.remove(repositoryId);
        const now = (await this.store.findRepository(repositoryId)) ?? repository;
        return this.work(now, lease, progress.left, progress);
      });
      if (!done) await this.yield(repositoryId, lease, operations);
      return done ? operations.length : null;
    } catch (error) {
      // Told to stop, or another worker has the lease: that one finds the operations as they are.
      if (!this.stopping.signal.aborted && !(error instanceof LeaseLostError)) {
        await this.fail(repository, lease, progress, error);
      }
      return null;
    }
  }

  private async claim(repositoryId: string, lease: Lease): Promise<TypedOperation<RepositoryKind>[]> {
    const { operations, unreadable } = this.handlers.read(await this.store.claim(repositoryId, lease));
    for (const { id } of unreadable) await this.jobs.fail(id, UNREADABLE);
    return operations;
  }

  /** False when the time slice ended before the index was up to date. */
  private async work(
    repository: Repository,
    lease: Lease,
    operations: Operations,
    progress: Progress,
  ): Promise<boolean> {
    const git = await this.port.open(await this.access.target(repository));
    const listed = await git.listRefs(lease.signal);
    this.bulkhead.noteSuccess(repository);
    const { refs } = listed;
    const settled = await this.places.settle(repository, git, listed, lease);
    const seconds = pollSeconds(this.config, await this.store.isTold(repository.id));
    const visit = RepositoryVisit.begin(settled, git, lease, seconds);
    const synced = await this.synchronizer.sync(visit, refs, {
      until: Date.now() + this.config.syncSliceSeconds * 1000,
      onProgress: (done, total) => this.store.saveSyncProgress(operations, done, total),
    });
    if (synced === null) return false;
    await this.history.follow(synced);
    await this.store.noteAnswer(repository.id, lease, visit.nextSyncAt());
    progress.read = true;
    // What only reads has what it asked for, whatever the remote says to a push.
    const reading = operations.filter(({ kind }) => factsOf(kind).readsOnly);
    await this.executor.execute(synced, refs, reading);
    progress.left = operations.filter(({ kind }) => !factsOf(kind).readsOnly);
    await this.executor.execute(synced, refs, progress.left);
    await this.leftOvers.tidy(synced, reading.length > 0);
    await this.recordHistory(synced, lease);
    return true;
  }

  /** What this visit has pushed, and of what is older as much as there is time for until somebody waits. */
  private async recordHistory(visit: RepositoryVisit, lease: Lease): Promise<void> {
    const { id } = visit.repository;
    const now = await this.store.findRepository(id);
    if (now === null) return;
    await this.history.follow(visit.withHead(now.commit));
    const until = Date.now() + this.config.syncSliceSeconds * 1000;
    const goesOn = async () => Date.now() < until && (await this.store.queued(id)) === 0;
    if (!(await this.store.isHistoryDue(id))) return;
    const isLeft = (await this.history.catchUp(visit, goesOn)) || (await this.history.keepContents(visit, goesOn));
    if (isLeft) await this.sync.savePolling(id, { nextSyncAt: new Date() });
    else await this.store.noteHistory(id, lease);
  }

  /** A long sync makes room for other repositories: it goes on after those that wait have had their turn. */
  private async yield(repositoryId: string, lease: Lease, operations: Operations): Promise<void> {
    await this.database.transaction(async () => {
      await lease.assertHeld();
      await this.store.putBack(operations);
    });
    this.doorbell.ring(repositoryId);
  }

  /** Notes a fault of the remote: on the repository when it could not even be read, and on every operation that waits. */
  private async fail(
    repository: Repository,
    lease: Lease,
    { read, left: operations }: Progress,
    error: unknown,
  ): Promise<void> {
    // Unregistered meanwhile: what was to be written has no place any more, and the next round tidies up.
    if (!(await this.store.findRepository(repository.id))) return;
    const problem = toDomainError(error);
    if (isSilent(problem) && !read) this.bulkhead.noteFailure(repository);
    const { id: repositoryId } = repository;
    if (isForeseen(problem)) this.logger.warn({ message: problem.message, err: problem.cause, repositoryId });
    else logStop(this.logger, error);
    await this.database.transaction(async () => {
      await lease.assertHeld();
      const condition = unreadable(problem);
      if (condition && !read) await this.sync.saveCondition(repository, condition);
      const seconds = read ? undefined : await this.block(repository, problem);
      await this.closer.recordFailedVisit(operations, problem, seconds);
    });
  }

  /** Leaves a remote that could not be read alone for a while; gives the seconds. */
  private async block(repository: Repository, problem: DomainError): Promise<number> {
    const nextSyncAt = nextPoll(repository, this.config.syncIntervalSeconds);
    const failures = await this.store.noteFailure(repository.id, nextSyncAt);
    const seconds = backoffSeconds(failures, longestPause(problem, this.config.retryMaxSeconds));
    await this.store.block(repository.id, seconds);
    return seconds;
  }
}

/** A seat is given back also when the database is away. */
function leftBehind(leave: () => void, error: unknown): never {
  leave();
  throw error;
}
