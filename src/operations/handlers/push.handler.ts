import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import type { Operation, PackageRevision } from '../../database/generated/client.js';
import { DomainError } from '../../domain/errors.js';
import { packageDirectory } from '../../domain/identity.js';
import { isPublished } from '../../domain/lifecycle.js';
import { deletionProposedRef, shortRef } from '../../domain/ref-layout.js';
import { GitError } from '../../git/port.js';
import type { OperationGroup, OperationHandler, Outcome } from '../engine/group.js';
import { Outbox } from '../outbox.js';
import { desiredRef } from '../sync/draft-reconcile.js';
import { CommitWriter } from './commit-writer.js';

/** Makes the remote's branches of a revision what its row says. */
@Injectable()
export class PushHandler implements OperationHandler {
  constructor(
    private readonly database: Database,
    private readonly commits: CommitWriter,
    private readonly outbox: Outbox,
  ) {}

  async apply(operation: Operation, group: OperationGroup): Promise<Outcome> {
    const row = await group.revision(operation.revisionId);
    if (!row) return { result: {} };
    return isPublished(row.lifecycle)
      ? this.pushDeletionProposal(row, group)
      : this.pushDraft(operation, row, group);
  }

  private async pushDraft(operation: Operation, row: PackageRevision, group: OperationGroup): Promise<Outcome> {
    if (row.gitState === 'conflict') throw new DomainError('draftConflict', row.gitMessage ?? 'The draft is in conflict.');
    if (row.lifecycle !== 'draft' && row.lifecycle !== 'proposed') return { result: {} };
    const directory = packageDirectory(group.visit.repository.directory, row.path);
    const branch = desiredRef({ lifecycle: row.lifecycle }, directory, row.workspace);
    assertUnmoved(group, row);
    const commit = await this.commits.draftCommit(group, operation, row);
    if (row.branch !== null && row.branch !== branch) group.plan.set(row.branch, null);
    group.plan.set(branch, commit);
    const pushed = { branch, commit, pushedTree: row.tree, pushedBase: row.baseCommit };
    group.plannedRevision(row.id, { ...pushed, gitState: 'synced', gitMessage: null });
    return {
      result: { branch: shortRef(branch), commit },
      commit: () => this.record(row, pushed, operation),
    };
  }

  /** Notes what is on the remote now. The row may have been edited or deleted while the push was under way. */
  private async record(
    row: PackageRevision,
    pushed: { branch: string; commit: string; pushedTree: string; pushedBase: string | null },
    operation: Operation,
  ): Promise<void> {
    const updated = await this.database.client.$executeRaw`
      UPDATE package_revision SET branch = ${pushed.branch}, commit = ${pushed.commit},
        pushed_tree = ${pushed.pushedTree}, pushed_base = ${pushed.pushedBase}, git_message = NULL,
        git_state = CASE WHEN tree = ${pushed.pushedTree} AND lifecycle = ${row.lifecycle}::"Lifecycle"
          AND base_commit IS NOT DISTINCT FROM ${pushed.pushedBase} THEN 'synced' ELSE 'pending' END::"GitState"
      WHERE id = ${row.id}::uuid AND lifecycle IN ('draft', 'proposed')`;
    if (updated > 0) return;
    const gone = await this.database.client.packageRevision.count({ where: { id: row.id } });
    if (gone > 0) return;
    await this.outbox.start({
      kind: 'discard',
      repositoryId: row.repositoryId,
      target: { type: 'PackageRevision', id: row.id, name: row.name },
      payload: { branches: [{ ref: pushed.branch, commit: pushed.commit }] },
      requestedBy: operation.requestedBy,
    });
  }

  private async pushDeletionProposal(row: PackageRevision, group: OperationGroup): Promise<Outcome> {
    const directory = packageDirectory(group.visit.repository.directory, row.path);
    const ref = deletionProposedRef(directory, row.revision ?? '');
    const wanted = row.lifecycle === 'deletionProposed';
    const present = group.plan.current(ref);
    if (wanted && present === null) group.plan.set(ref, row.commit);
    if (!wanted && present !== null) group.plan.set(ref, null);
    const branch = wanted ? ref : null;
    group.plannedRevision(row.id, { branch, gitState: 'synced' });
    return {
      result: {},
      commit: async () => {
        await this.database.client.$executeRaw`
          UPDATE package_revision SET branch = ${branch}, git_message = NULL,
            git_state = CASE WHEN lifecycle = ${row.lifecycle}::"Lifecycle" THEN 'synced' ELSE 'pending' END::"GitState"
          WHERE id = ${row.id}::uuid`;
      },
    };
  }
}

/**
 * The draft's branch must be where the row says. A sync ran just before, so anything else came in between:
 * as after a lost race, list the refs again and decide anew.
 */
export function assertUnmoved(group: OperationGroup, row: PackageRevision): void {
  const tip = row.branch === null ? null : group.plan.current(row.branch);
  if (tip === row.commit) return;
  throw new GitError('staleRef', `The branch ${shortRef(row.branch ?? '')} moved meanwhile.`);
}
