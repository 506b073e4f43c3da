import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Database } from '../../database/database.js';
import type { PackageRevision } from '../../database/generated/client.js';
import { packageDirectory } from '../../domain/identity.js';
import { assertAllowed } from '../../domain/lifecycle.js';
import { deletionProposedRef, tagRef } from '../../domain/ref-layout.js';
import type { OperationPayloads } from '../../domain/operation.js';
import type { TypedOperation } from '../../jobs/typed-operation.js';
import type { OperationGroup, Outcome } from '../engine/group.js';
import type { HandlerOf } from '../engine/repository-handler.js';
import { draftRefs } from '../sync/changed-refs.js';
import { PushedRevisions } from '../../revisions/pushed-revisions.js';
import { CommitWriter } from './commit-writer.js';
import { driftError, isNewestPublication } from './drift.js';
import { findOwnCommit } from './own-commit.js';

/** Deletes a published revision: its tag, and with the package's last one its directory on the ref. */
@Injectable()
export class DeleteHandler implements HandlerOf<'delete'> {
  readonly payload = z.object({
    tree: z.string(),
    path: z.string().optional(),
    revision: z.string().optional(),
  });

  constructor(
    private readonly database: Database,
    private readonly commits: CommitWriter,
    private readonly revisions: PushedRevisions,
  ) {}

  async isBegun(operation: TypedOperation<'delete'>, group: OperationGroup): Promise<boolean> {
    const { plan, visit } = group;
    await visit.ensure([plan.current(plan.mainRef)]);
    return (await findOwnCommit(operation, group, null)) !== null;
  }

  async apply(operation: TypedOperation<'delete'>, group: OperationGroup): Promise<Outcome> {
    const row = group.revision(operation.revisionId);
    if (!row || row.revision === null) return this.finishCutShort(operation.payload, group);
    const { plan, visit } = group;
    const directory = packageDirectory(visit.repository.directory, row.path);
    await visit.ensure([plan.current(plan.mainRef)]);
    assertAllowed(row, 'delete');
    const removal = await this.removeDirectory(operation, row, directory, group);
    if (removal !== null) plan.set(plan.mainRef, removal);
    removeRefs(group, directory, row.revision);
    group.plannedRevision(row.id, null);
    // A branch left beside the tag is a draft again: the next sync reads it anew.
    const unindexed = draftRefs(directory, row.workspace).filter((ref) => plan.current(ref) !== null);
    return {
      result: {},
      packageIds: [row.packageId],
      unindexed,
      commit: () => this.revisions.unpublish(row),
    };
  }

  /** A sync saw that an earlier attempt's push had removed the tag; the branch beside it may still be there. */
  private async finishCutShort(payload: OperationPayloads['delete'], group: OperationGroup): Promise<Outcome> {
    if (payload.path !== undefined && payload.revision !== undefined) {
      const directory = packageDirectory(group.visit.repository.directory, payload.path);
      if (group.plan.current(tagRef(directory, payload.revision)) === null) {
        removeRefs(group, directory, payload.revision);
      }
    }
    return { result: {} };
  }

  /** The commit that removes the directory; null while other published revisions remain, or when nothing is there. */
  private async removeDirectory(
    operation: TypedOperation<'delete'>,
    row: PackageRevision,
    directory: string,
    group: OperationGroup,
  ): Promise<string | null> {
    const { git } = group.visit;
    if (group.plannedPublications(row.packageId).size > 0) return null;
    const others = await this.database.client.packageRevision.findMany({
      where: { packageId: row.packageId, lifecycle: { in: ['published', 'deletionProposed'] }, id: { not: row.id } },
      select: { id: true },
    });
    if (others.some(({ id }) => !group.isGone(id))) return null;
    const head = group.plan.current(group.plan.mainRef);
    const now = head === null ? null : await git.treeAt(head, directory);
    if (head === null || now === null) return null;
    if (now !== row.tree && !(await isNewestPublication(git, head, directory, now))) {
      throw await driftError(git, directory, row.tree, now);
    }
    return this.commits.removalCommit(group, operation, row, head);
  }
}

function removeRefs({ plan }: OperationGroup, directory: string, revision: string): void {
  for (const ref of [tagRef(directory, revision), deletionProposedRef(directory, revision)]) {
    if (plan.current(ref) !== null) plan.set(ref, null);
  }
}
