import { DomainError } from '../../domain/errors.js';
import type { GitCommit, GitObjects } from '../../git/port.js';
import { listTree, treeAt } from '../../git/tree.js';
import { readRecord } from '../sync/commit-record.js';

/** How many paths a refusal lists; the rest is counted. */
const LISTED = 100;

/** The refusal of a publication over direct changes to the package on the ref: it lists the files. */
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

/** Whether `tree` came to the ref by the newest publication of the package, as the ref's line of commits says. */
export async function isNewestPublication(
  git: GitObjects,
  head: string,
  directory: string,
  tree: string,
): Promise<boolean> {
  for (let oid: string | undefined = head; oid !== undefined; ) {
    const commit: GitCommit = await git.readCommit(oid);
    const record = readRecord(commit.message);
    if (record.packageDirectory === directory && record.revision !== null) {
      return (await treeAt(git, commit.tree, directory)) === tree;
    }
    oid = commit.parents[0];
  }
  return false;
}

async function changedFiles(git: GitObjects, before: string | null, now: string | null): Promise<string[]> {
  const list = async (tree: string | null) =>
    new Map(tree === null ? [] : (await listTree(git, tree)).map((file) => [file.path, `${file.mode} ${file.oid}`]));
  const [old, present] = [await list(before), await list(now)];
  return [...new Set([...old.keys(), ...present.keys()])]
    .filter((path) => old.get(path) !== present.get(path))
    .sort();
}
