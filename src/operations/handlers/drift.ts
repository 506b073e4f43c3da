import type { PackageRevision } from '../../database/generated/client.js';
import { DomainError } from '../../domain/errors.js';
import type { GitCommit, GitObjects } from '../../git/port.js';
import { listTree } from '../../git/objects/tree.js';
import type { OperationGroup } from '../engine/group.js';
import { readRecord } from '../sync/commit-record.js';

/** How many paths a refusal lists; the rest is counted. */
const LISTED = 100;

/**
 * Stops a publication where somebody has changed F directly on the ref since the draft's base. What other publications
 * and deletions of the package did there is no direct change.
 */
export async function assertNoDrift(
  row: PackageRevision,
  directory: string,
  group: OperationGroup,
  wasPublished: (tree: string) => Promise<boolean>,
): Promise<void> {
  const { git } = group.visit;
  const head = group.plan.current(group.plan.mainRef);
  const treeIn = async (commit: string | null): Promise<string | null> =>
    commit === null ? null : git.treeAt(commit, directory);
  const [before, now] = [await treeIn(row.baseCommit), await treeIn(head)];
  if (now === before || now === row.tree) return;
  if (now !== null && (await wasPublished(now))) return;
  if (head !== null && (await isNewestPublication(git, head, directory, now))) return;
  throw await driftError(git, directory, before, now);
}

/** The refusal over direct changes to the package on the ref: it lists the files. */
export async function driftError(
  git: GitObjects,
  directory: string,
  before: string | null,
  now: string | null,
): Promise<DomainError> {
  const files = await changedFiles(git, before, now);
  return new DomainError(
    'drift',
    `"${directory}" was changed directly on the ref since this draft was begun (${files.length} files). ` +
      'Nothing was published. Reject the proposal, take what is needed into the draft, then rebase it.',
    { files: files.slice(0, LISTED) },
  );
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

async function changedFiles(git: GitObjects, before: string | null, now: string | null): Promise<string[]> {
  const list = async (tree: string | null) =>
    new Map(tree === null ? [] : (await listTree(git, tree)).map((file) => [file.path, `${file.mode} ${file.oid}`]));
  const [old, present] = [await list(before), await list(now)];
  return [...new Set([...old.keys(), ...present.keys()])].filter((path) => old.get(path) !== present.get(path)).sort();
}
