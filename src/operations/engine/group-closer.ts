import { Injectable, Logger } from '@nestjs/common';
import { Config } from '../../config/config.js';
import { Database } from '../../database/database.js';
import type { DomainError } from '../../domain/errors.js';
import { factsOf } from '../../domain/operation.js';
import { branchRef } from '../../domain/ref-layout.js';
import type { RefChange } from '../../git/port.js';
import type { TypedOperation } from '../../jobs/typed-operation.js';
import { Metrics } from '../../logging/metrics.js';
import { HeadReader } from '../sync/head-reader.js';
import { Packages } from '../../revisions/packages.js';
import { SyncStore, refsDigest } from '../sync/sync.store.js';
import { EngineStore } from './engine.store.js';
import { backoffSeconds, isRetried } from './failure.js';
import type { Applied, Failed } from './group.js';
import { OutcomeAudit } from './outcome-audit.js';
import { PushedRevisions } from '../../revisions/pushed-revisions.js';
import type { RepositoryVisit } from '../visit/repository-visit.js';

/** The end of a group that shared one push, or of one whose push the remote refused: then `applied` is empty. */
interface EndedGroup {
  applied: readonly Applied[];
  failed: readonly Failed[];
  changes: readonly RefChange[];
  /** All refs of the remote, after the push. */
  refs: ReadonlyMap<string, string>;
  /** Whether the index holds all of `refs` once the group is closed. */
  indexed: boolean;
}

/** Records a group's end: what its push made true, and how each of its operations fared. One transaction, under the lease. */
@Injectable()
export class GroupCloser {
  private readonly logger = new Logger(GroupCloser.name);

  constructor(
    private readonly database: Database,
    private readonly engine: EngineStore,
    private readonly revisions: PushedRevisions,
    private readonly sync: SyncStore,
    private readonly heads: HeadReader,
    private readonly packages: Packages,
    private readonly audit: OutcomeAudit,
    private readonly config: Config,
    private readonly metrics: Metrics,
  ) {}

  /** Returns the visit with the head that the index holds then. */
  async close(visit: RepositoryVisit, group: EndedGroup): Promise<RepositoryVisit> {
    const { repository, git } = visit;
    const main = group.changes.find(({ ref }) => ref === branchRef(repository.ref));
    const head = main ? await this.heads.read(git, repository, main.next) : null;
    await this.database.transaction(async () => {
      await visit.assertHeld();
      const done = group.applied.flatMap(({ outcome }) => (outcome === 'cancelled' ? [] : [outcome]));
      const before = await this.audit.look(group.applied.map(({ operation }) => operation));
      for (const outcome of done) await outcome.commit?.();
      await this.revisions.publish(
        repository.id,
        done.flatMap(({ publication }) => publication ?? []),
      );
      if (main && head) {
        const present = head.heads.flatMap(({ path, tree }) => (tree === null ? [] : [path]));
        await this.packages.ensure(repository, present);
        await this.packages.setHeads(repository.id, head.heads);
        await this.database.client.repository.updateMany({ where: { id: repository.id }, data: { commit: main.next } });
      }
      await this.packages.refresh([...new Set(done.flatMap((outcome) => outcome.packageIds ?? []))]);
      const unindexed = done.flatMap((outcome) => outcome.unindexed ?? []);
      await this.sync.forgetRefs(repository.id, unindexed);
      await this.saveRefs(visit, group);
      const ended = await this.engine.succeedAll(
        group.applied.flatMap(({ operation, outcome }) =>
          outcome === 'cancelled' ? [] : [{ id: operation.id, result: outcome.result }],
        ),
      );
      await this.audit.record(
        group.applied.flatMap(({ operation }) => (ended.has(operation.id) ? operation : [])),
        before,
      );
      for (const { operation, outcome } of group.applied) {
        if (outcome === 'cancelled') await this.engine.cancel(operation.id);
      }
      for (const failure of group.failed) await this.record(failure);
    });
    for (const { operation, outcome } of group.applied) {
      this.announce(operation, outcome === 'cancelled' ? 'cancelled' : 'succeeded');
    }
    for (const { operation, error } of group.failed) this.announceFailure(operation, error);
    return main ? visit.withHead(main.next) : visit;
  }

  /** Ends the operation with its Problem, or keeps it running with the reason and the time of the next attempt. */
  async record({ operation, error }: Failed, retrySeconds?: number): Promise<void> {
    if (isRetried(operation.kind, error)) {
      const seconds = retrySeconds ?? backoffSeconds(operation.attempts, this.config.retryMaxSeconds);
      await this.engine.retryLater(operation.id, error.message, seconds);
    } else {
      await this.engine.fail(operation.id, { code: error.code, detail: error.message, data: error.data });
    }
    if (factsOf(operation.kind).writesBranches && operation.revisionId !== null) {
      await this.revisions.explainPending(operation.revisionId, error.message);
    }
  }

  private async saveRefs(visit: RepositoryVisit, { changes, refs: listed, indexed }: EndedGroup): Promise<void> {
    if (changes.length === 0) return;
    const refs = changes.map((change) => ({ name: change.ref, oid: change.next, ignored: false }));
    await this.sync.saveRefs(visit.repository.id, refs);
    // What others pushed while this group raced with them is not indexed yet: the next round does that.
    await this.sync.savePolling(visit.repository.id, {
      refsDigest: indexed ? refsDigest(listed) : null,
      nextSyncAt: indexed ? visit.nextSyncAt() : new Date(),
    });
  }

  private announceFailure(operation: TypedOperation, error: DomainError): void {
    if (isRetried(operation.kind, error)) this.log(operation, `${operation.kind} waits: ${error.message}`);
    else this.announce(operation, 'failed', error.message);
  }

  private announce(operation: TypedOperation, state: 'succeeded' | 'failed' | 'cancelled', reason?: string): void {
    this.metrics.operationEnded(operation.kind, state);
    this.log(operation, `${operation.kind} ${state}${reason === undefined ? '' : `: ${reason}`}`);
  }

  private log({ id, requestId, requestedBy, repositoryId }: TypedOperation, message: string): void {
    this.logger.log({ message, operationId: id, requestId: requestId ?? undefined, actor: requestedBy, repositoryId });
  }
}
