import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { EMPTY_TREE } from '../../git/objects/git-hash.js';
import type { PackageRevision } from '../../database/generated/client.js';
import { DomainError } from '../../domain/errors.js';
import { packageDirectory } from '../../domain/identity.js';
import { isPublished } from '../../domain/lifecycle.js';
import { deletionProposedRef, draftRef, proposedRef, shortRef } from '../../domain/ref-layout.js';
import type { TypedOperation } from '../../jobs/typed-operation.js';
import { type PushedBranch, PushedRevisions } from '../../revisions/pushed-revisions.js';
import type { OperationGroup, Outcome } from '../engine/group.js';
import { LeftOvers } from '../engine/left-overs.js';
import type { HandlerOf } from '../engine/repository-handler.js';
import { Outbox } from '../../jobs/outbox.js';
import { readRecord } from '../sync/commit-record.js';
import { CommitWriter } from './commit-writer.js';
import { isOnDraftLine } from '../sync/draft-line.js';

/** Makes the remote's branches of a revision what its row says. */
@Injectable()
export class PushHandler implements HandlerOf<'push'> {
  readonly payload = z.object({});

  constructor(
    private readonly revisions: PushedRevisions,
    private readonly commits: CommitWriter,
    private readonly outbox: Outbox,
    private readonly leftOvers: LeftOvers,
  ) {}

  async apply(operation: TypedOperation<'push'>, group: OperationGroup): Promise<Outcome> {
    const row = group.revision(operation.revisionId);
    if (!row) return { result: {} };
    return isPublished(row.lifecycle) ? this.pushDeletionProposal(row, group) : this.pushDraft(operation, row, group);
  }

  private async pushDraft(
    operation: TypedOperation<'push'>,
    row: PackageRevision,
    group: OperationGroup,
  ): Promise<Outcome> {
    if (row.gitState === 'conflict') {
      throw new DomainError('draftConflict', row.gitMessage ?? 'The draft is in conflict.');
    }
    const { plan, visit } = group;
    const directory = packageDirectory(visit.repository.directory, row.path);
    const [draft, proposed] = [draftRef(directory, row.workspace), proposedRef(directory, row.workspace)];
    const branch = row.lifecycle === 'draft' ? draft : proposed;
    assertUnmoved(group, row);
    const present = await this.continued(operation, row, group, branch);
    const commit = await this.commits.draftCommit(group, operation, present);
    // The other name may hold an earlier commit of the draft, from a rename that was cut short.
    for (const other of new Set([row.branch, draft, proposed])) {
      const tip = other === null || other === branch ? null : plan.current(other);
      if (other === null || tip === null) continue;
      if (await isOnDraftLine(visit.git, { commit, base: row.baseCommit }, tip)) plan.set(other, null);
    }
    plan.set(branch, commit);
    const pushed = { branch, commit, pushedTree: row.tree, pushedBase: row.baseCommit };
    group.plannedRevision(row.id, { ...pushed, gitState: 'synced', gitMessage: null });
    return {
      result: { branch: shortRef(branch), commit },
      commit: () => this.record(row, pushed, operation),
    };
  }

  /**
   * The row on top of what its branch holds: its last commit, or that of an attempt of this operation that was cut
   * short. Anything else there is somebody's, and stays.
   */
  private async continued(
    operation: TypedOperation<'push'>,
    row: PackageRevision,
    group: OperationGroup,
    branch: string,
  ): Promise<PackageRevision> {
    const { git } = group.visit;
    const tip = group.plan.current(branch);
    if (tip === null || (await isOnDraftLine(git, { commit: row.commit, base: row.baseCommit }, tip))) return row;
    await group.visit.ensure([tip]);
    const { tree, message } = await git.readCommit(tip);
    const ours = readRecord(message).operationId === operation.id;
    // A draft of the same name that was deleted, while the remote has kept its branch, is gone on with.
    if (!ours && !(await this.leftOvers.holds(row.repositoryId, branch, tip))) {
      throw new DomainError(
        'nameConflict',
        `The remote has a branch ${shortRef(branch)} with commits of somebody else. Once it is gone, this draft is pushed.`,
      );
    }
    const directory = packageDirectory(group.visit.repository.directory, row.path);
    return {
      ...row,
      commit: tip,
      pushedTree: (await git.treeAt(tree, directory)) ?? EMPTY_TREE,
      pushedBase: row.baseCommit,
    };
  }

  /** Notes what is on the remote now. The row may have been edited or deleted while the push was under way. */
  private async record(row: PackageRevision, pushed: PushedBranch, operation: TypedOperation<'push'>): Promise<void> {
    if (await this.revisions.noteBranch(row, pushed)) return;
    await this.outbox.start({
      kind: 'discard',
      repositoryId: row.repositoryId,
      path: row.path,
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
      commit: () => this.revisions.noteDeletionProposal(row.id, branch, row.lifecycle),
    };
  }
}

/** The draft's branch must be where the row says. A sync ran just before, so that anything else shows a fault of ours. */
export function assertUnmoved(group: OperationGroup, row: PackageRevision): void {
  const tip = row.branch === null ? null : group.plan.current(row.branch);
  if (tip === row.commit) return;
  throw new DomainError('remoteContention', `The branch ${shortRef(row.branch ?? '')} is not where it was left.`);
}
