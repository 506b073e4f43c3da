import { Injectable, Logger } from '@nestjs/common';
import type { Operation } from '../../database/generated/client.js';
import { DomainError } from '../../domain/errors.js';
import { branchRef } from '../../domain/ref-layout.js';
import { GitError, type RefChange } from '../../git/port.js';
import { withContext } from '../../logging/request-context.js';
import { HandlerRegistry } from '../handlers/handler-registry.js';
import { Synchronizer } from '../sync/synchronizer.js';
import { EngineStore } from './engine.store.js';
import { toDomainError } from './failure.js';
import { GroupCloser } from './group-closer.js';
import { type Applied, type Failed, OperationGroup } from './group.js';
import { PlanFullError, RefPlan } from './ref-plan.js';
import type { RepositoryVisit } from '../visit/repository-visit.js';

/** Lost races against other writers before the group waits for its next turn. */
const MAX_RACES = 30;

/**
 * Group commit: applies a repository's operations to one plan of ref changes, pushes once, closes them together. A lost
 * race lists the refs again and starts over; a group that the remote rejects is halved until the one at fault is alone.
 */
@Injectable()
export class GroupExecutor {
  private readonly logger = new Logger(GroupExecutor.name);

  constructor(
    private readonly store: EngineStore,
    private readonly handlers: HandlerRegistry,
    private readonly synchronizer: Synchronizer,
    private readonly closer: GroupCloser,
  ) {}

  async execute(
    visit: RepositoryVisit,
    listed: ReadonlyMap<string, string>,
    operations: readonly Operation[],
  ): Promise<void> {
    let [refs, waiting, size, again] = [listed, operations, operations.length, false];
    for (let races = 0; waiting.length > 0;) {
      const batch = waiting.slice(0, size);
      try {
        const plan = new RefPlan(refs, branchRef(visit.repository.ref));
        const facts = await this.store.factsFor(visit.repository.id, batch);
        const commits = [...facts.revisions.values()].flatMap((row) => (row ? [row.commit, row.baseCommit] : []));
        await visit.foresee([plan.current(plan.mainRef), ...commits], refs);
        const { applied, failed } = await this.apply(new OperationGroup(visit, plan, facts, again), batch);
        const changes = plan.changes();
        const refusal = await this.push(visit, changes, plan, applied);
        if (refusal && applied.length > 1) {
          [size, again] = [Math.ceil(batch.length / 2), true];
          continue;
        }
        if (refusal) {
          const refused = applied.map(({ operation }) => ({ operation, error: refusal }));
          await this.closer.close(visit, { applied: [], failed: [...failed, ...refused], changes: [], refs });
        } else {
          refs = withChanges(refs, changes);
          await this.closer.close(visit, { applied, failed, changes, refs });
        }
        [waiting, size, races] = [waiting.slice(applied.length + failed.length), size * 2, 0];
      } catch (error) {
        if (!(error instanceof GitError) || error.code !== 'staleRef' || (races += 1) > MAX_RACES) throw error;
        this.logger.debug(`Another writer was first (${error.message}); trying again.`);
        // Fewer at a time are ready sooner.
        [size, again] = [Math.ceil(batch.length / 2), true];
        refs = (await visit.git.listRefs(visit.signal)).refs;
        // The ref alone can be indexed once the race is over; another writer's draft has to be looked at now.
        visit.synced = !error.data.refs?.every(({ ref }) => ref === branchRef(visit.repository.ref));
        if (visit.synced) await this.synchronizer.sync(visit, refs);
      }
    }
  }

  /** Every operation of the batch, or those before the first that does not fit into this plan. */
  private async apply(group: OperationGroup, operations: readonly Operation[]) {
    const applied: Applied[] = [];
    const failed: Failed[] = [];
    for (const operation of operations) {
      try {
        const outcome = await withContext(
          { operationId: operation.id, requestId: operation.requestId ?? undefined, actor: operation.requestedBy },
          () => group.plan.attempt(() => this.handlers.apply(operation, group)),
        );
        applied.push({ operation, outcome });
      } catch (error) {
        if (error instanceof PlanFullError) break;
        // The end of the visit is that of the group, whatever this one operation came to.
        group.visit.signal.throwIfAborted();
        // The network, the mirror, or a lost race: no fault of this one operation.
        if (error instanceof GitError) throw error;
        if (!(error instanceof DomainError)) this.logger.error(error);
        failed.push({ operation, error: toDomainError(error) });
      }
    }
    return { applied, failed };
  }

  /** Null when the remote has it all; what it says when it refuses. */
  private async push(
    visit: RepositoryVisit,
    changes: readonly RefChange[],
    plan: RefPlan,
    applied: readonly Applied[],
  ): Promise<DomainError | null> {
    if (changes.length === 0) return null;
    await this.store.markPushing(applied.map(({ operation }) => operation.id));
    try {
      await visit.git.push(changes, plan.objects(), visit.signal);
      return null;
    } catch (error) {
      if (!(error instanceof GitError) || error.code !== 'rejected') throw error;
      return toDomainError(error);
    }
  }
}

function withChanges(refs: ReadonlyMap<string, string>, changes: readonly RefChange[]): ReadonlyMap<string, string> {
  if (changes.length === 0) return refs;
  const after = new Map(refs);
  for (const { ref, next } of changes) {
    if (next === null) after.delete(ref);
    else after.set(ref, next);
  }
  return after;
}
