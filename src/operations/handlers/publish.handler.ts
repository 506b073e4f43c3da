import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import type { Operation, PackageRevision } from '../../database/generated/client.js';
import { DomainError } from '../../domain/errors.js';
import { packageDirectory } from '../../domain/identity.js';
import { assertAllowed, isPublished } from '../../domain/lifecycle.js';
import { draftRef, proposedRef, shortRef, tagRef } from '../../domain/ref-layout.js';
import { assertGatesMet, gatesOf, missingApprovals, policyOf } from '../../domain/release-policy.js';
import type { Condition } from '../../domain/revision.js';
import { versionKey } from '../../domain/version.js';
import type { OperationGroup, OperationHandler, Outcome, Publication } from '../engine/group.js';
import type { OperationPayloads } from '../operation.js';
import { readRecord, signatureDate } from '../sync/commit-record.js';
import { CommitWriter } from './commit-writer.js';
import { isOnDraftLine } from './draft-line.js';
import { assertNoDrift } from './drift.js';
import { findOwnCommit } from './own-commit.js';
import { assertUnmoved } from './push.handler.js';

/** Publishes a proposed revision: merge, number, tag; bound to the tree that the approver saw. */
@Injectable()
export class PublishHandler implements OperationHandler {
  constructor(
    private readonly database: Database,
    private readonly commits: CommitWriter,
  ) {}

  async apply(operation: Operation, group: OperationGroup): Promise<Outcome | 'cancelled'> {
    const payload = operation.payload as unknown as OperationPayloads['publish'];
    const { tree, approvedBy, approvers = [approvedBy], breakGlass } = payload;
    const row = group.revision(operation.revisionId);
    if (!row) return this.withoutRevision(operation, group);
    const { plan, visit } = group;
    const directory = packageDirectory(visit.repository.directory, row.path);
    const mergedDraft = await this.draftOfOwnWork(operation, row, group);
    if (mergedDraft !== null) {
      await this.removeBranches(group, row, directory, mergedDraft);
      return outcome(row);
    }
    const head = plan.current(plan.mainRef);
    await visit.ensure([head, row.commit, row.baseCommit]);
    const begun = await this.findBegun(operation, row, group, directory);
    if (operation.cancelRequested && !begun) return 'cancelled';
    assertAllowed(row, 'approve');
    assertContent(row, tree);
    assertUnmoved(group, row);
    if (!begun) {
      assertStillApproved(row, payload, group);
      await assertNoDrift(row, directory, group, (now) => this.wasPublished(row.packageId, now, group));
    }

    const number = 1 + Math.max(group.givenNumber(row.path), plan.highestRevision(directory));
    const revision = begun?.revision ?? `v${number}`;
    const draft = await this.commits.draftCommit(group, operation, row);
    const approvals = { approvedBy, approvers, breakGlass: breakGlass?.reason ?? null };
    const commit =
      begun?.oid ?? (await this.commits.publishCommit(group, operation, row, { ...approvals, head, draft, revision }));
    const tag = shortRef(tagRef(directory, revision));
    if (!begun) plan.set(plan.mainRef, commit);
    plan.set(
      tagRef(directory, revision),
      await this.commits.publishTag(group, operation, { approvedBy, name: tag, commit }),
    );
    await this.removeBranches(group, row, directory, draft);
    // As a sync would read it from the commit.
    const publishedAt = signatureDate(this.commits.approval(operation, approvedBy));
    const publication: Publication = {
      ...{ id: row.id, path: row.path, tree, lifecycle: 'published', revision, versionKey: versionKey(revision) },
      ...{ tag, commit, publishedBy: approvedBy, publishedAt },
      breakGlass: breakGlass ? { by: approvedBy, reason: breakGlass.reason, at: publishedAt.toISOString() } : null,
    };
    group.plannedRevision(row.id, publication);
    return { ...outcome({ ...row, ...publication }), publication };
  }

  /**
   * The revision is gone. Where an earlier attempt has published it, that is what became of the publication: a sync saw
   * that the draft's branch had been removed by us, and its tag, or the place of it, by somebody since.
   */
  private async withoutRevision(operation: Operation, group: OperationGroup): Promise<Outcome> {
    await group.visit.ensure([group.plan.current(group.plan.mainRef)]);
    const own = await findOwnCommit(operation, group, null);
    if (own === null || own.directory === null || own.revision === null || operation.revisionId === null) {
      throw new DomainError('notFound', 'The package revision does not exist any more.');
    }
    const { directory, revision, oid: commit } = own;
    return {
      result: resultOf({ id: operation.revisionId, revision, tag: shortRef(tagRef(directory, revision)), commit }),
    };
  }

  /** The draft's last commit, when a sync saw the tag that an earlier attempt pushed and marked the revision published. */
  private async draftOfOwnWork(
    operation: Operation,
    row: PackageRevision,
    group: OperationGroup,
  ): Promise<string | null> {
    if (!isPublished(row.lifecycle) || row.commit === null) return null;
    await group.visit.ensure([row.commit]);
    const { message, parents } = await group.visit.git.readCommit(row.commit);
    return readRecord(message).operationId === operation.id ? (parents.at(-1) ?? row.commit) : null;
  }

  /** The publish commit of an attempt that reached the ref without its tag: on a remote that cannot change both as one. */
  private async findBegun(
    operation: Operation,
    row: PackageRevision,
    group: OperationGroup,
    directory: string,
  ): Promise<{ oid: string; revision: string } | null> {
    const own = await findOwnCommit(operation, group, row.baseCommit);
    if (!own?.revision) return null;
    // Somebody's tag took the number meanwhile: theirs stays, and the publication is begun anew with the next one.
    if (group.plan.current(tagRef(directory, own.revision)) !== null) return null;
    return { oid: own.oid, revision: own.revision };
  }

  private async removeBranches(
    group: OperationGroup,
    row: PackageRevision,
    directory: string,
    draft: string,
  ): Promise<void> {
    const names = [row.branch, draftRef(directory, row.workspace), proposedRef(directory, row.workspace)];
    for (const branch of new Set(names)) {
      const tip = branch === null ? null : group.plan.current(branch);
      if (branch === null || tip === null) continue;
      if (await isOnDraftLine(group.visit.git, { commit: draft, base: row.baseCommit }, tip)) {
        group.plan.set(branch, null);
      }
    }
  }

  private async wasPublished(packageId: string, tree: string, group: OperationGroup): Promise<boolean> {
    if (group.plannedPublications(packageId).has(tree)) return true;
    const count = await this.database.client.packageRevision.count({
      where: { packageId, tree, lifecycle: { in: ['published', 'deletionProposed'] } },
    });
    return count > 0;
  }
}

function assertContent(row: PackageRevision, approved: string): void {
  if (row.gitState === 'conflict') {
    throw new DomainError('draftConflict', row.gitMessage ?? 'The draft is in conflict.');
  }
  if (row.tree === approved) return;
  throw new DomainError('contentChanged', `"${row.name}" changed after it was approved; look at it again.`);
}

/** An operation may be retried long after it was asked for: what it was let through by has to hold now. */
function assertStillApproved(row: PackageRevision, payload: OperationPayloads['publish'], group: OperationGroup): void {
  const { approvers, approvalIds = [], gates = [], breakGlass, tree } = payload;
  const { requiredApprovals } = policyOf(group.visit.repository);
  const missing = breakGlass || approvers === undefined ? 0 : missingApprovals(approvers.length, requiredApprovals);
  if (missing > 0 || group.hasVoidApproval(approvalIds)) {
    throw new DomainError('stateConflict', `"${row.name}" is not approved any more as it was; approve it again.`, {
      lifecycle: row.lifecycle,
    });
  }
  if (!breakGlass) assertGatesMet(row, gatesOf(gates, row.conditions as unknown as Condition[], tree));
}

type Published = Pick<PackageRevision, 'id' | 'revision' | 'tag' | 'commit'>;

const outcome = (row: Published & Pick<PackageRevision, 'packageId'>): Outcome => ({
  result: resultOf(row),
  packageIds: [row.packageId],
});

const resultOf = ({ id, revision, tag, commit }: Published) => ({
  ...{ resource: { type: 'PackageRevision', id }, revision, tag, commit },
});
