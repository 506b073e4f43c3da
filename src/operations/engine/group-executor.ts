import { Injectable, Logger } from '@nestjs/common';
import { logStop } from '../../database/unavailable.js';
import { DomainError } from '../../domain/errors.js';
import { branchRef } from '../../domain/ref-layout.js';
import { GitError, type RefChange } from '../../git/port.js';
import { notChanged } from '../../git/smart-http/push-report.js';
import { OperationTraces } from '../../jobs/operation-traces.js';
import type { TypedOperation } from '../../jobs/typed-operation.js';
import { withContext } from '../../logging/request-context.js';
import { Synchronizer } from '../sync/synchronizer.js';
import { EngineStore } from './engine.store.js';
import { toDomainError } from '../../remotes/failure.js';
import { GroupCloser } from './group-closer.js';
import { type Applied, type Failed, OperationGroup } from './group.js';
import { PlanFullError, RefPlan } from './ref-plan.js';
import type { RepositoryKind } from './repository-handler.js';
import { isRefusal, type LeftOver } from './left-over.js';
import { Pushes } from './pushes.js';
import { RepositoryHandlers } from './repository-handlers.js';
import type { RepositoryVisit } from '../visit/repository-visit.js';

/** Lost races against other writers before the group waits for its next turn. */
const MAX_RACES = 30;
/** Pushes that failed as if others had been quicker, and they were not; a moment's lock of theirs is gone by then. */
const MAX_STUCK = 2;

/**
 * Group commit: applies a repository's operations to one plan of ref changes, pushes once, closes them together. A lost
 * race lists the refs again and starts over; a group that the remote rejects is halved until the one at fault is alone.
 *
 * At the head of each turn of the loop holds:
 * - All operations that are not in `waiting` are closed: their refs are on the remote and in the index, or their end is
 *   recorded.
 * - `refs` are the remote's refs after the last push of this visit, as far as this worker knows.
 * - While `pushedBefore` is false, no operation in `waiting` has been in a push of this visit. Afterwards any of them may
 *   be on the remote already, in part or whole, by a push that failed; the handlers then look for it.
 * - While `indexed` is true, the index holds all of `refs`. It becomes false where another writer has moved more than
 *   the ref, or a closed operation has left refs that no row stands for; the repository's next sync is then due at once.
 */
@Injectable()
export class GroupExecutor {
  private readonly logger = new Logger(GroupExecutor.name);

  constructor(
    private readonly store: EngineStore,
    private readonly handlers: RepositoryHandlers,
    private readonly synchronizer: Synchronizer,
    private readonly closer: GroupCloser,
    private readonly pushes: Pushes,
    private readonly traces: OperationTraces,
  ) {}

  /** `begun`: a visit whose index holds all of `listed`, the refs that the remote has listed. */
  async execute(
    begun: RepositoryVisit,
    listed: ReadonlyMap<string, string>,
    operations: readonly TypedOperation<RepositoryKind>[],
  ): Promise<void> {
    let visit = begun;
    let refs = listed;
    let waiting = operations;
    let size = operations.length;
    let pushedBefore = false;
    let indexed = true;
    let races = 0;
    let stuck = 0;
    while (waiting.length > 0) {
      const batch = waiting.slice(0, size);
      try {
        const { group, applied, failed } = await this.plan(visit, refs, batch, pushedBefore);
        const changes = group.plan.changes();
        const { refusal, leftOver } = await this.push(group, changes, applied);
        if (refusal !== null && applied.length > 1) {
          size = Math.ceil(batch.length / 2);
          pushedBefore = true;
          continue;
        }
        if (refusal === null) {
          const kept = new Set(leftOver.map(({ ref }) => ref));
          const made = changes.filter(({ ref }) => !kept.has(ref));
          refs = withChanges(refs, made);
          indexed &&= !applied.some(leavesRefs);
          visit = await this.closer.close(visit, { applied, failed, changes: made, leftOver, refs, indexed });
        } else {
          const refused = applied.map(({ operation }) => ({ operation, error: refusal }));
          const ended = { applied: [], failed: [...failed, ...refused], changes: [], leftOver: [], refs, indexed };
          visit = await this.closer.close(visit, ended);
        }
        waiting = waiting.slice(applied.length + failed.length);
        size *= 2;
        races = 0;
      } catch (error) {
        races += 1;
        if (!(error instanceof GitError) || error.code !== 'staleRef' || races > MAX_RACES) throw error;
        this.logger.debug(`Another writer was first (${error.message}); trying again.`);
        // Fewer at a time are ready sooner.
        size = Math.ceil(batch.length / 2);
        pushedBefore = true;
        const before = refs;
        refs = (await visit.git.listRefs(visit.signal)).refs;
        const moved = error.data.refs?.some(({ ref }) => refs.get(ref) !== before.get(ref)) ?? true;
        stuck = moved ? 0 : stuck + 1;
        if (stuck > MAX_STUCK) throw notChanged(error);
        // The ref alone can be indexed once the race is over; another writer's draft has to be looked at now.
        const main = branchRef(visit.repository.ref);
        const onlyMain = error.data.refs?.every(({ ref }) => ref === main) ?? false;
        const synced: RepositoryVisit | null = onlyMain ? null : await this.synchronizer.sync(visit, refs);
        visit = synced ?? visit;
        indexed = synced !== null;
      }
    }
  }

  /** Applies the batch to a new plan on top of `refs`. */
  private async plan(
    visit: RepositoryVisit,
    refs: ReadonlyMap<string, string>,
    batch: readonly TypedOperation<RepositoryKind>[],
    pushedBefore: boolean,
  ): Promise<{ group: OperationGroup; applied: Applied[]; failed: Failed[] }> {
    const plan = new RefPlan(refs, branchRef(visit.repository.ref));
    const facts = await this.store.factsFor(visit.repository.id, batch);
    const commits = [...facts.revisions.values()].flatMap((row) => (row ? [row.commit, row.baseCommit] : []));
    await visit.foresee([plan.current(plan.mainRef), ...commits], refs);
    const group = new OperationGroup(visit, plan, facts, pushedBefore);
    return { group, ...(await this.apply(group, batch)) };
  }

  /** Every operation of the batch, or those before the first that does not fit into this plan. */
  private async apply(
    group: OperationGroup,
    operations: readonly TypedOperation<RepositoryKind>[],
  ): Promise<{ applied: Applied[]; failed: Failed[] }> {
    const applied: Applied[] = [];
    const failed: Failed[] = [];
    for (const operation of operations) {
      try {
        const { id: operationId, requestId, requestedBy: actor } = operation;
        const trace = this.traces.contextOf(operation);
        const outcome = await withContext({ operationId, requestId: requestId ?? undefined, actor, trace }, () =>
          group.plan.attempt(() => this.handlers.apply(operation, group)),
        );
        applied.push({ operation, outcome });
      } catch (error) {
        if (error instanceof PlanFullError) break;
        // The end of the visit is that of the group, whatever this one operation came to.
        group.visit.signal.throwIfAborted();
        // The network, the mirror, or a lost race: no fault of this one operation.
        if (error instanceof GitError) throw error;
        if (!(error instanceof DomainError)) logStop(this.logger, error);
        failed.push({ operation, error: toDomainError(error) });
      }
    }
    return { applied, failed };
  }

  /** `refusal`: what the remote says when it refuses; null when it has it all, but for branches that are left over. */
  private async push(
    { visit, plan }: OperationGroup,
    changes: readonly RefChange[],
    applied: readonly Applied[],
  ): Promise<{ refusal: DomainError | null; leftOver: LeftOver[] }> {
    if (changes.length === 0) return { refusal: null, leftOver: [] };
    const operations = applied.map(({ operation }) => operation);
    await this.store.markPushing(operations.map(({ id }) => id));
    try {
      const push = () => this.pushes.push(visit, changes, plan.objects());
      return { refusal: null, leftOver: await this.traces.share('push', operations, push) };
    } catch (error) {
      if (!isRefusal(error)) throw error;
      return { refusal: toDomainError(error), leftOver: [] };
    }
  }
}

const leavesRefs = ({ outcome }: Applied): boolean =>
  outcome !== 'cancelled' && outcome.unindexed !== undefined && outcome.unindexed.length > 0;

function withChanges(refs: ReadonlyMap<string, string>, changes: readonly RefChange[]): ReadonlyMap<string, string> {
  if (changes.length === 0) return refs;
  const after = new Map(refs);
  for (const { ref, next } of changes) {
    if (next === null) after.delete(ref);
    else after.set(ref, next);
  }
  return after;
}
