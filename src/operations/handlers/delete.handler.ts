import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Database } from '../../database/database.js';
import type { PackageRevision } from '../../database/generated/client.js';
import { isRightWithout, lastDiffers, undecided } from '../../domain/draft-base.js';
import { DomainError } from '../../domain/errors.js';
import { DELETION_HEADS } from '../../domain/head-state.js';
import { packageDirectory } from '../../domain/identity.js';
import { assertAllowed } from '../../domain/lifecycle.js';
import { deletionProposedRef, shortRef, tagRef } from '../../domain/ref-layout.js';
import type { OperationPayloads } from '../../domain/operation.js';
import type { TypedOperation } from '../../jobs/typed-operation.js';
import type { OperationGroup, Outcome } from '../engine/group.js';
import type { HandlerOf } from '../engine/repository-handler.js';
import { draftRefs } from '../sync/changed-refs.js';
import { PackageRevisionStore } from '../../revisions/package-revision.store.js';
import { PackageStore } from '../../revisions/package.store.js';
import { PushedRevisions } from '../../revisions/pushed-revisions.js';
import { CommitWriter } from './commit-writer.js';
import { changedFiles, type GroupVersion, latestVersion } from './drift.js';
import { findOwnCommit } from './own-commit.js';

/**
 * Deletes a published revision: its tag, and with the package's last one its directory on the ref, but for packages inside
 * it. Where the ref holds the revision and others stay, its directory goes back to the latest of them, or is kept.
 */
@Injectable()
export class DeleteHandler implements HandlerOf<'delete'> {
  readonly payload = z.object({
    tree: z.string(),
    path: z.string().optional(),
    revision: z.string().optional(),
    head: z.enum(DELETION_HEADS).optional(),
    force: z.boolean().optional(),
  });

  constructor(
    private readonly database: Database,
    private readonly store: PackageRevisionStore,
    private readonly packages: PackageStore,
    private readonly commits: CommitWriter,
    private readonly revisions: PushedRevisions,
  ) {}

  async isBegun(operation: TypedOperation<'delete'>, group: OperationGroup): Promise<boolean> {
    // An earlier attempt's push has removed the tag, and the sync that saw that the revision.
    if (group.mayBeDone(operation) && !group.revision(operation.revisionId)) return true;
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
    await assertTagUnmoved(group, directory, { ...row, revision: row.revision });
    const change = await this.changeOfRef(operation, row, directory, group);
    if (change !== null) plan.set(plan.mainRef, change);
    removeRefs(group, directory, row.revision);
    group.plannedRevision(row.id, null);
    // A branch left beside the tag is a draft again: the next sync reads it anew.
    const unindexed = draftRefs(directory, row.workspace).filter((ref) => plan.current(ref) !== null);
    return {
      result: {},
      packageIds: [row.packageId],
      unpublished: { path: row.path, revision: row.revision },
      unindexed,
      commit: () => this.revisions.unpublish(row, operation.requestedBy),
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

  /** The commit that the deletion needs on the ref; null where that stays as it is. */
  private async changeOfRef(
    operation: TypedOperation<'delete'>,
    row: PackageRevision,
    directory: string,
    group: OperationGroup,
  ): Promise<string | null> {
    const { git } = group.visit;
    const head = group.plan.current(group.plan.mainRef);
    const now = head === null ? null : await git.treeAt(head, directory);
    if (head === null || now === null) return null;
    const kept = await this.packagesInside(row, group);
    const content = await this.contentAfter(operation, row, now, group);
    if (typeof content === 'string') return null;
    if (content !== null) await group.visit.ensure([content.commit]);
    else if (now !== row.tree && operation.payload.force !== true) {
      const inside = kept.map((inner) => `${inner.slice(directory.length + 1)}/`);
      const changed = await changedFiles(git, row.tree, now);
      const files = changed.filter((path) => !inside.some((inner) => path.startsWith(inner)));
      if (files.length > 0) throw lastDiffers(directory, files);
    }
    return this.commits.deletionCommit(group, operation, row, { head, content, kept });
  }

  /** What the ref is to hold: `now`, an earlier version, or with the last revision nothing. */
  private async contentAfter(
    { payload }: TypedOperation<'delete'>,
    row: PackageRevision,
    now: string,
    group: OperationGroup,
  ): Promise<GroupVersion | string | null> {
    const others = await this.database.client.packageRevision.findMany({
      where: { packageId: row.packageId, lifecycle: { in: ['published', 'deletionProposed'] }, id: { not: row.id } },
      select: { id: true, tree: true },
    });
    const stay = [...others, ...group.plannedPublications(row.packageId)].filter(
      ({ id }) => id !== row.id && !group.isGone(id),
    );
    if (stay.length === 0) return null;
    if (now !== row.tree || payload.head === 'keep') return now;
    const latest = await latestVersion(row.packageId, group, this.store, row.id);
    if (isRightWithout(now, { stays: stay.map(({ tree }) => tree), latestTree: latest?.tree ?? null })) return now;
    if (payload.head === undefined) throw undecided(row);
    return latest ?? now;
  }

  /** The directories of the packages that lie inside this one, also of those that the group publishes. */
  private async packagesInside(row: PackageRevision, group: OperationGroup): Promise<string[]> {
    const found = await this.packages.inside(row.repositoryId, row.path);
    const there = found.filter(({ id, there }) => there || group.plannedPublications(id).length > 0);
    return there.map(({ path }) => packageDirectory(group.visit.repository.directory, path));
  }
}

/** A tag that somebody has moved is theirs: what was published under it goes once it is back, or gone. */
async function assertTagUnmoved(
  { plan, visit }: OperationGroup,
  directory: string,
  { revision, commit }: { revision: string; commit: string | null },
): Promise<void> {
  const tag = plan.current(tagRef(directory, revision));
  if (tag === null) return;
  await visit.ensure([tag]);
  if ((await visit.git.peel(tag))?.commit === commit) return;
  const name = shortRef(tagRef(directory, revision));
  throw new DomainError(
    'stateConflict',
    `The tag ${name} was moved outside of pkgserver: it is left alone. Move it back to ${commit ?? 'where it was'}, or delete it.`,
  );
}

function removeRefs({ plan }: OperationGroup, directory: string, revision: string): void {
  for (const ref of [tagRef(directory, revision), deletionProposedRef(directory, revision)]) {
    if (plan.current(ref) !== null) plan.set(ref, null);
  }
}
