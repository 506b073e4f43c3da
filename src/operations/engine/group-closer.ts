import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import type { DomainError } from '../../domain/errors.js';
import { canCancelUnseen, factsOf } from '../../domain/operation.js';
import { branchRef } from '../../domain/ref-layout.js';
import type { RefChange } from '../../git/port.js';
import { Endings } from '../../jobs/endings.js';
import { isRetried } from '../../jobs/faults.js';
import { withContext } from '../../logging/request-context.js';
import { JobStore } from '../../jobs/job.store.js';
import { HeadReader } from '../sync/head-reader.js';
import { Packages } from '../../revisions/packages.js';
import { SyncStore, refsDigest } from '../sync/sync.store.js';
import type { Applied, Failed } from './group.js';
import type { LeftOver } from './left-over.js';
import { LeftOvers } from './left-overs.js';
import { OutcomeAudit } from './outcome-audit.js';
import { PushedRevisions } from '../../revisions/pushed-revisions.js';
import { Tracer } from '../../tracing/tracer.js';
import type { RepositoryVisit } from '../visit/repository-visit.js';

/** The end of a group that shared one push, or of one whose push the remote refused: then `applied` is empty. */
interface EndedGroup {
  applied: readonly Applied[];
  failed: readonly Failed[];
  changes: readonly RefChange[];
  /** Branches that the push was to delete, and that the remote keeps. */
  leftOver: readonly LeftOver[];
  /** All refs of the remote, after the push. */
  refs: ReadonlyMap<string, string>;
  /** Whether the index holds all of `refs` once the group is closed. */
  indexed: boolean;
}

/** Records a group's end: what its push made true, and how each of its operations fared. One transaction, under the lease. */
@Injectable()
export class GroupCloser {
  constructor(
    private readonly database: Database,
    private readonly jobs: JobStore,
    private readonly revisions: PushedRevisions,
    private readonly sync: SyncStore,
    private readonly leftOvers: LeftOvers,
    private readonly heads: HeadReader,
    private readonly packages: Packages,
    private readonly audit: OutcomeAudit,
    private readonly endings: Endings,
    private readonly tracer: Tracer,
  ) {}

  /** Returns the visit with the head that the index holds then. */
  async close(visit: RepositoryVisit, group: EndedGroup): Promise<RepositoryVisit> {
    const { repository, git } = visit;
    const main = group.changes.find(({ ref }) => ref === branchRef(repository.ref));
    const outcomes = group.applied.flatMap(({ outcome }) => (outcome === 'cancelled' ? [] : [outcome]));
    const tags = {
      named: outcomes.flatMap(({ publication }) => publication ?? []),
      gone: outcomes.flatMap(({ unpublished }) => unpublished ?? []),
    };
    const head = main ? await this.heads.read(git, repository, main.next, tags) : null;
    const record = async () => {
      await visit.assertHeld();
      const before = await this.audit.look(group.applied.map(({ operation }) => operation));
      for (const { operation, outcome } of group.applied) {
        if (outcome !== 'cancelled')
          await withContext({ actor: operation.requestedBy }, async () => outcome.commit?.());
      }
      await this.revisions.publish(repository.id, tags.named);
      if (main && head) {
        const present = head.heads.flatMap(({ path, tree }) => (tree === null ? [] : [path]));
        await this.packages.ensure(repository, present);
        await this.packages.setHeads(repository.id, head.heads);
        await this.database.client.repository.updateMany({ where: { id: repository.id }, data: { commit: main.next } });
      }
      await this.packages.refresh([...new Set(outcomes.flatMap((outcome) => outcome.packageIds ?? []))]);
      const unindexed = outcomes.flatMap((outcome) => outcome.unindexed ?? []);
      await this.sync.forgetRefs(repository.id, unindexed);
      await this.saveRefs(visit, group, new Set(unindexed));
      if (group.leftOver.length > 0) await this.leftOvers.note(visit, group.leftOver);
      const ended = await this.jobs.succeedAll(
        group.applied.flatMap(({ operation, outcome }) =>
          outcome === 'cancelled' ? [] : [{ id: operation.id, result: outcome.result }],
        ),
      );
      await this.audit.record(
        group.applied.flatMap(({ operation }) => (ended.has(operation.id) ? operation : [])),
        before,
      );
      for (const { operation, outcome } of group.applied) {
        if (outcome === 'cancelled') await this.jobs.cancel(operation.id);
      }
      for (const failure of group.failed) await this.record(failure);
    };
    await this.tracer.within('record', () => this.database.transaction(record));
    for (const { operation, outcome } of group.applied) {
      this.endings.announce(operation, outcome === 'cancelled' ? 'cancelled' : 'succeeded');
    }
    for (const { operation, error } of group.failed) this.endings.announceFailure(operation, error);
    return main ? visit.withHead(main.next) : visit;
  }

  /** As {@link Endings.recordFailure}; a revision whose branches it was to bring to the remote says why it waits. */
  async record({ operation, error }: Failed, retrySeconds?: number): Promise<void> {
    await this.endings.recordFailure(operation, error, retrySeconds);
    if (factsOf(operation.kind).writesBranches && operation.revisionId !== null) {
      await this.revisions.explainPending(operation.revisionId, error.message);
    }
  }

  /** How operations fare whose visit failed. In the transaction around it, and told once that has committed. */
  async recordFailedVisit(
    operations: readonly Failed['operation'][],
    error: DomainError,
    retrySeconds?: number,
  ): Promise<void> {
    for (const operation of operations) {
      const isCancelled = canCancelUnseen(operation);
      if (isCancelled) await this.jobs.cancel(operation.id);
      else await this.record({ operation, error }, retrySeconds);
      // The log has what they wait for by the line of the repository.
      if (!isCancelled && isRetried(operation.kind, error, operation.startedAt)) continue;
      await this.database.afterCommit(() => {
        if (isCancelled) this.endings.announce(operation, 'cancelled');
        else this.endings.announceFailure(operation, error);
      });
    }
  }

  private async saveRefs(
    visit: RepositoryVisit,
    { changes, refs: listed, indexed }: EndedGroup,
    unindexed: ReadonlySet<string>,
  ): Promise<void> {
    if (changes.length === 0) return;
    const read = changes.filter(({ ref }) => !unindexed.has(ref));
    const refs = read.map((change) => ({ name: change.ref, oid: change.next, ignored: false }));
    await this.sync.saveRefs(visit.repository.id, refs);
    // What others pushed while this group raced with them is not indexed yet: the next round does that.
    await this.sync.savePolling(visit.repository.id, {
      refsDigest: indexed ? refsDigest(listed) : null,
      nextSyncAt: indexed ? visit.nextSyncAt() : new Date(),
    });
  }
}
