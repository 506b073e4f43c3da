import { Injectable, Logger } from '@nestjs/common';
import { Database } from '../../database/database.js';
import type { Operation } from '../../database/generated/client.js';
import { DomainError } from '../../domain/errors.js';
import { branchRef } from '../../domain/ref-layout.js';
import { GitError, type RefChange } from '../../git/port.js';
import { withContext } from '../../logging/request-context.js';
import { HandlerRegistry } from '../handlers/handler-registry.js';
import type { OrphanBranch } from '../sync/draft-writer.js';
import { Synchronizer } from '../sync/synchronizer.js';
import { toDomainError } from './failure.js';
import { GroupCloser } from './group-closer.js';
import { OperationGroup, type Outcome } from './group.js';
import { PlanFullError, RefPlan } from './ref-plan.js';
import type { RepositoryVisit } from './repository-visit.js';

/** Lost races against other writers before the group waits for its next turn. */
const MAX_RACES = 10;

export interface Applied {
  operation: Operation;
  outcome: Outcome | 'cancelled';
}
export interface Failed {
  operation: Operation;
  error: DomainError;
}

/**
 * Group commit: applies a repository's operations to one plan of ref changes, pushes once, closes them together. A lost
 * race lists the refs again and starts over; what the remote rejects is tried one by one, so that only the one at fault fails.
 */
@Injectable()
export class GroupExecutor {
  private readonly logger = new Logger(GroupExecutor.name);

  constructor(
    private readonly database: Database,
    private readonly handlers: HandlerRegistry,
    private readonly synchronizer: Synchronizer,
    private readonly closer: GroupCloser,
  ) {}

  async execute(
    visit: RepositoryVisit,
    listed: ReadonlyMap<string, string>,
    orphaned: readonly OrphanBranch[],
    operations: readonly Operation[],
  ): Promise<void> {
    let [refs, orphans, waiting] = [listed, orphaned, operations];
    let alone = false;
    for (let races = 0; waiting.length > 0 || orphans.length > 0; ) {
      const plan = new RefPlan(refs, branchRef(visit.repository.ref));
      for (const { ref, commit } of orphans) if (plan.current(ref) === commit) plan.set(ref, null);
      const group = new OperationGroup(visit, plan, this.database);
      try {
        const { applied, failed, rest } = await this.apply(group, waiting, alone);
        const changes = plan.changes();
        const pushed = await this.push(visit, changes, plan, applied.length);
        if (pushed === 'rejected') {
          alone = true;
          continue;
        }
        const refused = pushed === 'pushed' ? [] : applied.map(({ operation }) => ({ operation, error: pushed }));
        const done = pushed === 'pushed' ? applied : [];
        const after = pushed === 'pushed' ? withChanges(refs, changes) : refs;
        await this.closer.close(visit, { applied: done, failed: [...failed, ...refused], changes: pushed === 'pushed' ? changes : [], refs: after });
        [refs, orphans, waiting] = [after, [], rest];
      } catch (error) {
        if (!(error instanceof GitError) || error.code !== 'staleRef' || (races += 1) > MAX_RACES) throw error;
        this.logger.debug(`Another writer was first (${error.message}); trying again.`);
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 50 * races));
        refs = (await visit.git.listRefs(visit.signal)).refs;
        orphans = await this.synchronizer.sync(visit, refs);
      }
    }
  }

  private async apply(group: OperationGroup, operations: readonly Operation[], alone: boolean) {
    const applied: Applied[] = [];
    const failed: Failed[] = [];
    await group.preload(operations.flatMap((operation) => operation.revisionId ?? []));
    for (const [index, operation] of operations.entries()) {
      if (alone && index > 0) return { applied, failed, rest: operations.slice(index) };
      try {
        const outcome = await withContext(
          { operationId: operation.id, requestId: operation.requestId ?? undefined, actor: operation.requestedBy },
          () => group.plan.attempt(() => this.handlers.apply(operation, group)),
        );
        applied.push({ operation, outcome });
      } catch (error) {
        if (error instanceof PlanFullError) return { applied, failed, rest: operations.slice(index) };
        // The network, the mirror, or a lost race: no fault of this one operation.
        if (error instanceof GitError) throw error;
        if (!(error instanceof DomainError)) this.logger.error(error);
        failed.push({ operation, error: toDomainError(error) });
      }
    }
    return { applied, failed, rest: [] };
  }

  /** `rejected`: refused as a set of several operations. A DomainError: the one operation in it was refused. */
  private async push(
    visit: RepositoryVisit,
    changes: readonly RefChange[],
    plan: RefPlan,
    operations: number,
  ): Promise<'pushed' | 'rejected' | DomainError> {
    if (changes.length === 0) return 'pushed';
    try {
      await visit.git.push(changes, plan.objects(), visit.signal);
      return 'pushed';
    } catch (error) {
      if (!(error instanceof GitError) || error.code !== 'rejected' || operations === 0) throw error;
      return operations > 1 ? 'rejected' : toDomainError(error);
    }
  }
}

function withChanges(refs: ReadonlyMap<string, string>, changes: readonly RefChange[]): Map<string, string> {
  const after = new Map(refs);
  for (const { ref, next } of changes) {
    if (next === null) after.delete(ref);
    else after.set(ref, next);
  }
  return after;
}
