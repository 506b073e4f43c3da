import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Config } from '../../config/config.js';
import { ContentStore } from '../../content/content.store.js';
import type { PackageRevision } from '../../database/generated/client.js';
import { DomainError } from '../../domain/errors.js';
import { packageDirectory } from '../../domain/identity.js';
import { assertAllowed, isPublished } from '../../domain/lifecycle.js';
import { draftRef, proposedRef, shortRef, tagRef } from '../../domain/ref-layout.js';
import { PackageRevisionStore } from '../../revisions/package-revision.store.js';
import { published } from '../../revisions/published.js';
import { type Publication, PushedRevisions } from '../../revisions/pushed-revisions.js';
import type { TypedOperation } from '../../jobs/typed-operation.js';
import type { OperationGroup, Outcome } from '../engine/group.js';
import type { HandlerOf } from '../engine/repository-handler.js';
import { approvalOf } from '../sync/commit-record.js';
import { approvalsOf, CommitWriter } from './commit-writer.js';
import { isOnDraftLine } from '../sync/draft-line.js';
import { assertNothingUndone } from './drift.js';
import { findOwnCommit, findTaggedCommit, type OwnCommit, readOwnCommit } from './own-commit.js';
import { assertUnmoved } from './push.handler.js';
import { assertStillApproved } from './still-approved.js';

/** Publishes a proposed revision: merge, number, tag; bound to the tree that the approver saw. */
@Injectable()
export class PublishHandler implements HandlerOf<'publish'> {
  readonly payload = z.object({
    tree: z.string(),
    approvedBy: z.string(),
    approvers: z.array(z.string()).optional(),
    approvalIds: z.array(z.string()).optional(),
    gates: z.array(z.string()).optional(),
    comment: z.string().optional(),
    breakGlass: z.object({ reason: z.string() }).optional(),
    campaign: z.object({ id: z.string(), name: z.string(), approvers: z.array(z.string()) }).optional(),
  });

  constructor(
    private readonly config: Config,
    private readonly store: PackageRevisionStore,
    private readonly contents: ContentStore,
    private readonly revisions: PushedRevisions,
    private readonly commits: CommitWriter,
  ) {}

  async isBegun(operation: TypedOperation<'publish'>, group: OperationGroup): Promise<boolean> {
    const row = group.revision(operation.revisionId);
    if (!row || isPublished(row.lifecycle)) return (await this.ownPublication(operation, row, group)) !== null;
    const directory = packageDirectory(group.visit.repository.directory, row.path);
    return (await this.earlierAttempt(operation, row, directory, group)) !== null;
  }

  async apply(operation: TypedOperation<'publish'>, group: OperationGroup): Promise<Outcome> {
    const { payload } = operation;
    const { tree, approvedBy, breakGlass } = payload;
    const row = group.revision(operation.revisionId);
    if (!row || isPublished(row.lifecycle)) return this.finishCutShort(operation, row, group);
    const { plan, visit } = group;
    const directory = packageDirectory(visit.repository.directory, row.path);
    const head = plan.current(plan.mainRef);
    const earlier = await this.earlierAttempt(operation, row, directory, group);
    if (earlier?.ended === true) return this.finish(earlier.commit, operation, row, group);
    const begun = earlier?.commit ?? null;
    assertAllowed(row, 'approve');
    assertContent(row, tree);
    assertUnmoved(group, row);
    if (!begun) {
      assertStillApproved(row, payload, group, this.config.auth !== 'none');
      await assertNothingUndone(row, directory, group, this.store, this.contents);
    }

    const [given, tagged] = [group.givenNumber(row.path), plan.highestRevision(directory)];
    const number = 1n + (given > tagged ? given : tagged);
    const revision = begun?.revision ?? `v${number}`;
    const draft = await this.commits.draftCommit(group, operation, row);
    const approvals = approvalsOf(payload);
    const commit =
      begun?.oid ?? (await this.commits.publishCommit(group, operation, row, { ...approvals, head, draft, revision }));
    const tag = shortRef(tagRef(directory, revision));
    if (begun) await this.deliver(begun, operation, row, group);
    else plan.set(plan.mainRef, commit);
    plan.set(
      tagRef(directory, revision),
      await this.commits.publishTag(group, operation, { approvedBy, name: tag, commit }),
    );
    await this.removeBranches(group, row, directory, draft);
    // As a sync would read it from the commit.
    const publishedAt = operation.createdAt;
    const publication: Publication = {
      id: row.id,
      path: row.path,
      tree,
      revision,
      tag,
      commit,
      publishedBy: approvedBy,
      publishedAt,
      external: false,
      decision: approvalOf({ approvedBy, publishedAt, comment: approvals.breakGlass ?? approvals.comment }),
      breakGlass: breakGlass ? { by: approvedBy, reason: breakGlass.reason, at: publishedAt.toISOString() } : null,
    };
    group.plannedRevision(row.id, published(publication));
    return { ...outcome(publication, row.packageId), publication };
  }

  /**
   * The commit that an earlier attempt left on the ref, or under its tag alone. `ended`: both were there, and somebody has
   * moved the tag since.
   */
  private async earlierAttempt(
    operation: TypedOperation<'publish'>,
    row: PackageRevision,
    directory: string,
    group: OperationGroup,
  ): Promise<{ commit: OwnCommit; ended: boolean } | null> {
    const { plan, visit } = group;
    await visit.ensure([plan.current(plan.mainRef), row.commit, row.baseCommit]);
    const tagged = await findTaggedCommit(operation, group, { directory, number: group.givenNumber(row.path) });
    const commit = tagged ?? (await findOwnCommit(operation, group, row.baseCommit));
    return commit && { commit, ended: tagged === null && (await this.isTaken(commit, group)) };
  }

  /**
   * Brings a commit to the ref that has its tag and nothing else, since the attempt that made both was cut short between
   * them. Where somebody has changed the package on the ref meanwhile, that stays.
   */
  private async deliver(
    own: OwnCommit,
    operation: TypedOperation<'publish'>,
    row: PackageRevision,
    group: OperationGroup,
  ): Promise<void> {
    const { plan, visit } = group;
    if ((await findOwnCommit(operation, group, row.baseCommit)) !== null) return;
    const head = plan.current(plan.mainRef);
    const base = own.parents.length > 1 ? (own.parents[0] ?? null) : null;
    if (head === base) return plan.set(plan.mainRef, own.oid);
    const treeIn = async (commit: string | null) => (commit === null ? null : visit.git.treeAt(commit, own.directory));
    const [published, now] = [await treeIn(own.oid), await treeIn(head)];
    if (now === published || now !== (await treeIn(base))) return;
    const merge = { ...approvalsOf(operation.payload), head, draft: own.oid, revision: own.revision };
    const content = { ...row, tree: published ?? row.tree };
    plan.set(plan.mainRef, await this.commits.publishCommit(group, operation, content, merge));
  }

  /**
   * A sync saw what an earlier attempt has pushed before its end was recorded, and marked the revision published; or took
   * it away, or to another commit, where somebody has removed or moved the tag since. It was published, either way.
   */
  private async finishCutShort(
    operation: TypedOperation<'publish'>,
    row: PackageRevision | null,
    group: OperationGroup,
  ): Promise<Outcome> {
    const own = await this.ownPublication(operation, row, group);
    if (own) return this.finish(own, operation, row, group);
    if (row) assertAllowed(row, 'approve');
    throw new DomainError('notFound', 'The package revision does not exist any more.');
  }

  /** As the attempt that made the commit would have ended. What is still a draft of it has been published. */
  private async finish(
    own: OwnCommit,
    operation: TypedOperation<'publish'>,
    row: PackageRevision | null,
    group: OperationGroup,
  ): Promise<Outcome> {
    const { oid, parents, directory, revision } = own;
    if (row && isPublished(row.lifecycle)) await this.deliver(own, operation, row, group);
    const published = { id: operation.revisionId, revision, tag: shortRef(tagRef(directory, revision)) };
    const ended = outcome({ ...published, commit: oid }, row?.packageId);
    const freed = row !== null && (await this.removeBranches(group, row, directory, parents.at(-1) ?? oid));
    if (!freed || isPublished(row.lifecycle) || row.tree !== operation.payload.tree) return ended;
    group.plannedRevision(row.id, null);
    return { ...ended, commit: () => this.revisions.deletePublishedDraft(row) };
  }

  /** Whether the tag that belongs to the commit is somebody else's. */
  private async isTaken({ oid, directory, revision }: OwnCommit, { plan, visit }: OperationGroup): Promise<boolean> {
    const tag = plan.current(tagRef(directory, revision));
    if (tag === null) return false;
    await visit.ensure([tag]);
    return (await visit.git.peel(tag))?.commit !== oid;
  }

  private async ownPublication(
    operation: TypedOperation<'publish'>,
    row: PackageRevision | null,
    group: OperationGroup,
  ): Promise<OwnCommit | null> {
    const { plan, visit } = group;
    await visit.ensure([plan.current(plan.mainRef), row?.commit ?? null]);
    const tagged = row?.commit ? await readOwnCommit(operation, visit.git, row.commit) : null;
    return tagged ?? findOwnCommit(operation, group, row?.baseCommit ?? null);
  }

  /** Whether none is left: a branch with commits of somebody else stays. */
  private async removeBranches(
    group: OperationGroup,
    row: PackageRevision,
    directory: string,
    draft: string,
  ): Promise<boolean> {
    const names = [row.branch, draftRef(directory, row.workspace), proposedRef(directory, row.workspace)];
    let left = 0;
    for (const branch of new Set(names)) {
      const tip = branch === null ? null : group.plan.current(branch);
      if (branch === null || tip === null) continue;
      if (await isOnDraftLine(group.visit.git, { commit: draft, base: row.baseCommit }, tip)) {
        group.plan.set(branch, null);
      } else left += 1;
    }
    return left === 0;
  }
}

function assertContent(row: PackageRevision, approved: string): void {
  if (row.gitState === 'conflict') {
    throw new DomainError('draftConflict', row.gitMessage ?? 'The draft is in conflict.');
  }
  if (row.tree === approved) return;
  throw new DomainError('contentChanged', `"${row.name}" changed after it was approved; look at it again.`);
}

function outcome(
  { id, revision, tag, commit }: Pick<PackageRevision, 'revision' | 'tag' | 'commit'> & { id: string | null },
  packageId: string | undefined,
): Outcome {
  return {
    result: { resource: { type: 'PackageRevision', id }, revision, tag, commit },
    packageIds: packageId === undefined ? [] : [packageId],
  };
}
