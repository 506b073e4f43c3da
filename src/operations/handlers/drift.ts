import type { PackageRevision } from '../../database/generated/client.js';
import type { ContentStore } from '../../content/content.store.js';
import { changedPaths, lostPaths } from '../../domain/changed-paths.js';
import { baseOutdated, drift, isOutdated, noPackage, type SeenPublication } from '../../domain/draft-base.js';
import type { Condition } from '../../domain/revision.js';
import { latestKey } from '../../domain/version.js';
import type { GitCommit, GitObjects } from '../../git/port.js';
import { listTree } from '../../git/objects/tree.js';
import type { PackageRevisionStore } from '../../revisions/package-revision.store.js';
import type { OperationGroup } from '../engine/group.js';
import { readRecord } from '../sync/commit-record.js';

/** Publications that a refusal shows. */
const SHOWN = 20;

/** A published version as operations of a group see it. */
export interface GroupVersion {
  revision: string;
  tree: string;
  /** Null: an operation of the group makes it. */
  commit: string | null;
}

/** The highest version of a package once all is done that operations of the group have planned so far, but for `not`. */
export async function latestVersion(
  packageId: string,
  group: OperationGroup,
  revisions: PackageRevisionStore,
  not?: string,
): Promise<GroupVersion | null> {
  const before = group.latest(packageId);
  const gone = [...group.goneRevisions(), ...(not === undefined ? [] : [not])];
  const there =
    before === 'gone' || (before && before.id === not) ? await revisions.latestBut(packageId, gone) : before;
  const planned = group.plannedPublications(packageId).filter(({ id }) => !gone.includes(id));
  const all: GroupVersion[] = [...(there ? [there] : []), ...planned.map((one) => ({ ...one, commit: null }))];
  const keyOf = ({ revision }: GroupVersion): string => latestKey(revision) ?? '';
  return all.reduce<GroupVersion | null>((top, next) => (top && keyOf(top) > keyOf(next) ? top : next), null);
}

/**
 * Stops a publication that would undo what came since the draft's base: another publication of the package, or a direct
 * change of F on the ref; or what lies in F that was no package. That its revisions were all deleted, and the directory
 * with them, stops none.
 */
export async function assertNothingUndone(
  row: PackageRevision,
  directory: string,
  group: OperationGroup,
  revisions: PackageRevisionStore,
  contents: ContentStore,
): Promise<void> {
  const { git } = group.visit;
  const latest = await latestVersion(row.packageId, group, revisions);
  const head = group.plan.current(group.plan.mainRef);
  const treeIn = async (commit: string | null): Promise<string | null> =>
    commit === null ? null : git.treeAt(commit, directory);
  const [before, now] = [await treeIn(row.baseCommit), await treeIn(head)];
  if (isOutdated(row, { latest, headTree: now }))
    throw baseOutdated(row.name, row, await publishedSince(row, group, revisions));
  if (now === row.tree) return;
  if (now === before) {
    // Of a directory that was no package the index knew nothing, and neither need the draft's author.
    const unseen = now === null || row.baseTree !== null || isToOverwrite(row) ? null : now;
    const lost = unseen === null ? [] : lostPaths(await listTree(git, unseen), await contents.filesOf(row.tree));
    if (lost.length > 0) throw noPackage(directory, lost);
    return;
  }
  const allDeleted = now === null && latest === null && row.baseRevision !== null;
  if (allDeleted && head !== null && (await isNewestPublication(git, head, directory, now))) return;
  throw drift(directory, await changedFiles(git, before, now));
}

const isToOverwrite = ({ conditions }: PackageRevision): boolean =>
  (conditions as unknown as Condition[]).some(({ type }) => type === 'OverwritesHead');

async function publishedSince(
  row: PackageRevision,
  group: OperationGroup,
  revisions: PackageRevisionStore,
): Promise<SeenPublication[]> {
  const planned = group.plannedPublications(row.packageId).map(({ id, publishedAt, ...rest }) => ({
    ...rest,
    revisionId: id,
    publishedAt: publishedAt?.toISOString() ?? null,
  }));
  const before = await revisions.publishedSince(row.packageId, row.baseRevision, SHOWN);
  return [...planned.reverse(), ...before].filter(({ revisionId }) => !group.isGone(revisionId)).slice(0, SHOWN);
}

/**
 * Whether the directory is as the package's newest publication (or the deletion of its last revision) left it, as the
 * ref's line of commits says. `tree` is null where there is no directory.
 */
export async function isNewestPublication(
  git: GitObjects,
  head: string,
  directory: string,
  tree: string | null,
): Promise<boolean> {
  for (let oid: string | undefined = head; oid !== undefined;) {
    const commit: GitCommit = await git.readCommit(oid);
    const record = readRecord(commit.message);
    if (record.packageDirectory === directory && record.revision !== null) {
      return (await git.treeAt(commit.tree, directory)) === tree;
    }
    oid = commit.parents[0];
  }
  return false;
}

/** The paths in which two trees differ; null: one without entries. */
export async function changedFiles(git: GitObjects, before: string | null, now: string | null): Promise<string[]> {
  const entriesOf = async (tree: string | null) => (tree === null ? [] : listTree(git, tree));
  return changedPaths(await entriesOf(before), await entriesOf(now));
}
