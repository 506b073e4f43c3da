import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import type { Operation, PackageRevision } from '../../database/generated/client.js';
import { packageDirectory } from '../../domain/identity.js';
import { assertAllowed } from '../../domain/lifecycle.js';
import { deletionProposedRef, tagRef } from '../../domain/ref-layout.js';
import { majorNumber } from '../../domain/version.js';
import { treeAt } from '../../git/tree.js';
import type { OperationGroup, OperationHandler, Outcome } from '../engine/group.js';
import { PackageRows } from '../sync/package-rows.js';
import { CommitWriter } from './commit-writer.js';
import { driftError, isNewestPublication } from './drift.js';

/** Deletes a published revision: its tag, and with the package's last one its directory on the ref. */
@Injectable()
export class DeleteHandler implements OperationHandler {
  constructor(
    private readonly database: Database,
    private readonly commits: CommitWriter,
    private readonly packages: PackageRows,
  ) {}

  async apply(operation: Operation, group: OperationGroup): Promise<Outcome> {
    const row = await group.revision(operation.revisionId);
    // Gone already: an earlier attempt's push was seen by a sync.
    if (!row || row.revision === null) return { result: {} };
    assertAllowed(row, 'delete');
    const { plan, visit } = group;
    const directory = packageDirectory(visit.repository.directory, row.path);
    const removal = await this.removeDirectory(operation, row, directory, group);
    for (const ref of [tagRef(directory, row.revision), deletionProposedRef(directory, row.revision)]) {
      if (plan.current(ref) !== null) plan.set(ref, null);
    }
    if (removal !== null) plan.set(plan.mainRef, removal);
    group.plannedRevision(row.id, null);
    return {
      result: {},
      packageIds: [row.packageId],
      commit: async () => {
        const number = majorNumber(row.revision ?? '') ?? 0;
        await this.packages.raiseNumbers(row.repositoryId, new Map([[row.path, number]]));
        if (removal !== null) await this.moveDrafts(row.packageId, removal);
        await this.database.client.packageRevision.delete({ where: { id: row.id } });
      },
    };
  }

  /** The commit that removes the directory; null while other published revisions remain, or when nothing is there. */
  private async removeDirectory(
    operation: Operation,
    row: PackageRevision,
    directory: string,
    group: OperationGroup,
  ): Promise<string | null> {
    const { git } = group.visit;
    const others = await this.database.client.packageRevision.findMany({
      where: { packageId: row.packageId, lifecycle: { in: ['published', 'deletionProposed'] }, id: { not: row.id } },
      select: { id: true },
    });
    for (const { id } of others) if (await group.revision(id)) return null;
    const head = group.plan.current(group.plan.mainRef);
    await group.visit.ensure([head]);
    const now = head === null ? null : await treeAt(git, (await git.readCommit(head)).tree, directory);
    if (head === null || now === null) return null;
    if (now !== row.tree && !(await isNewestPublication(git, head, directory, now))) {
      throw await driftError(git, directory, row.tree, now);
    }
    return this.commits.removalCommit(group, operation, row, head);
  }

  /** Drafts begun before the removal are not to take it for somebody's direct change. */
  private async moveDrafts(packageId: string, base: string): Promise<void> {
    await this.database.client.$executeRaw`
      UPDATE package_revision SET base_commit = ${base}, pushed_base = CASE
        WHEN pushed_base IS NOT DISTINCT FROM base_commit THEN ${base} ELSE pushed_base END
      WHERE package_id = ${packageId}::uuid AND lifecycle IN ('draft', 'proposed')`;
  }
}
