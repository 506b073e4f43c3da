import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import type { Operation, PackageRevision } from '../../database/generated/client.js';
import { DomainError } from '../../domain/errors.js';
import { packageDirectory } from '../../domain/identity.js';
import { assertAllowed, isPublished } from '../../domain/lifecycle.js';
import { draftRef, proposedRef, shortRef, tagRef } from '../../domain/ref-layout.js';
import { versionKey } from '../../domain/version.js';
import { treeAt } from '../../git/tree.js';
import type { OperationGroup, OperationHandler, Outcome } from '../engine/group.js';
import type { OperationPayloads } from '../operation.js';
import { readRecord } from '../sync/commit-record.js';
import { PackageRows } from '../sync/package-rows.js';
import { CommitWriter } from './commit-writer.js';
import { driftError, isNewestPublication } from './drift.js';
import { assertUnmoved } from './push.handler.js';

/** Publishes a proposed revision: merge, number, tag; bound to the tree that the approver saw. */
@Injectable()
export class PublishHandler implements OperationHandler {
  constructor(
    private readonly database: Database,
    private readonly commits: CommitWriter,
    private readonly packages: PackageRows,
  ) {}

  async apply(operation: Operation, group: OperationGroup): Promise<Outcome> {
    const payload = operation.payload as unknown as OperationPayloads['publish'];
    const row = await group.revision(operation.revisionId);
    if (!row) throw new DomainError('notFound', 'The package revision does not exist any more.');
    if (isPublished(row.lifecycle) && (await this.isOwnWork(operation, row, group))) return published(row);
    assertAllowed(row, 'approve');
    assertContent(row, payload.tree);
    assertUnmoved(group, row);

    const { plan, visit } = group;
    const directory = packageDirectory(visit.repository.directory, row.path);
    const head = plan.current(plan.mainRef);
    await visit.ensure([head, row.commit, row.baseCommit]);
    const resumed = operation.attempts > 1 ? await this.findOwnCommit(operation, row, group) : null;
    if (!resumed) await this.assertNoDrift(row, directory, head, group);
    const revision = resumed?.revision ?? `v${1 + (await this.highestNumber(row, directory, group))}`;
    const draft = await this.commits.draftCommit(group, operation, row);
    const commit =
      resumed?.commit ??
      (await this.commits.publishCommit(group, operation, row, { ...payload, head, draft, revision }));
    const ref = tagRef(directory, revision);
    const tag = await this.commits.publishTag(group, operation, { ...payload, name: shortRef(ref), commit });

    if (!resumed) plan.set(plan.mainRef, commit);
    plan.set(ref, tag);
    for (const branch of new Set([row.branch, draftRef(directory, row.workspace), proposedRef(directory, row.workspace)])) {
      if (branch !== null && plan.current(branch) !== null) plan.set(branch, null);
    }
    const after = {
      lifecycle: 'published' as const,
      revision,
      versionKey: versionKey(revision),
      tag: shortRef(ref),
      commit,
      branch: null,
      pushedTree: row.tree,
      pushedBase: row.baseCommit,
      gitState: 'synced' as const,
      gitMessage: null,
      publishedAt: new Date(Math.floor(operation.createdAt.getTime() / 1000) * 1000),
      publishedBy: payload.approvedBy,
    };
    group.plannedRevision(row.id, after);
    return {
      ...published({ ...row, ...after }),
      commit: async () => {
        await this.database.client.packageRevision.update({
          where: { id: row.id, tree: payload.tree },
          data: { ...after, updatedAt: new Date(), updatedBy: payload.approvedBy, version: { increment: 1 } },
        });
        await this.packages.raiseNumbers(row.repositoryId, new Map([[row.path, Number(revision.slice(1))]]));
      },
    };
  }

  private async highestNumber(row: PackageRevision, directory: string, group: OperationGroup): Promise<number> {
    const given = await this.packages.highestNumber(row.repositoryId, row.path);
    return Math.max(given, group.plan.highestRevision(directory));
  }

  /** A sync saw the tag that an earlier attempt pushed, and marked the revision published. */
  private async isOwnWork(operation: Operation, row: PackageRevision, group: OperationGroup): Promise<boolean> {
    if (row.commit === null) return false;
    await group.visit.ensure([row.commit]);
    return readRecord((await group.visit.git.readCommit(row.commit)).message).operationId === operation.id;
  }

  /**
   * The publish commit of an earlier attempt that reached the ref without its tag (a remote that cannot change refs
   * as one set). It is looked for on the ref's line down to the draft's base.
   */
  private async findOwnCommit(
    operation: Operation,
    row: PackageRevision,
    group: OperationGroup,
  ): Promise<{ commit: string; revision: string } | null> {
    const { git } = group.visit;
    for (let oid = group.plan.current(group.plan.mainRef); oid !== null && oid !== row.baseCommit; ) {
      const commit = await git.readCommit(oid);
      const record = readRecord(commit.message);
      if (record.operationId === operation.id && record.revision !== null) return { commit: oid, revision: record.revision };
      oid = commit.parents[0] ?? null;
    }
    return null;
  }

  /**
   * DESIGN section 4: direct changes to F on the ref since the draft's base stop the publication. What another
   * publication of the package put there is not a direct change.
   */
  private async assertNoDrift(
    row: PackageRevision,
    directory: string,
    head: string | null,
    group: OperationGroup,
  ): Promise<void> {
    const { git } = group.visit;
    const treeIn = async (commit: string | null): Promise<string | null> =>
      commit === null ? null : treeAt(git, (await git.readCommit(commit)).tree, directory);
    const [before, now] = [await treeIn(row.baseCommit), await treeIn(head)];
    if (now === before || now === row.tree) return;
    if (now !== null && (await this.wasPublished(row.packageId, now, group))) return;
    if (now !== null && head !== null && (await isNewestPublication(git, head, directory, now))) return;
    throw await driftError(git, directory, before, now);
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
  if (row.gitState === 'conflict') throw new DomainError('draftConflict', row.gitMessage ?? 'The draft is in conflict.');
  if (row.tree === approved) return;
  throw new DomainError('contentChanged', `"${row.name}" changed after it was approved; look at it again.`);
}

function published(row: Pick<PackageRevision, 'id' | 'packageId' | 'revision' | 'tag' | 'commit'>): Outcome {
  return {
    result: {
      resource: { type: 'PackageRevision', id: row.id },
      revision: row.revision,
      tag: row.tag,
      commit: row.commit,
    },
    packageIds: [row.packageId],
  };
}
