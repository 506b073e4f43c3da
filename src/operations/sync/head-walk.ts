import { isReadablePath } from '../../domain/file-path.js';
import { GitError, type GitObjects, type GitTreeEntry } from '../../git/port.js';
import { isContentFault } from './content-fault.js';

export interface HeadChange {
  /** The package's directory in the Git tree (F). */
  directory: string;
  /** Its tree now; null when the ref no longer holds the package. */
  tree: string | null;
}

/** Bounds the walk: a few kilobytes of trees that name each other can stand for billions of directories. */
const MAX_CHANGES = 500_000;
/** Longer paths fit neither an index nor a file system. */
const MAX_PATH_BYTES = 1024;

/**
 * Compares the package directories (those with a Kptfile; the walk looks for none below one) of two trees, below `root`.
 * It does not enter equal subtrees, so its work is proportional to the change. A directory that cannot be read counts as
 * empty.
 */
export async function changedHeads(
  git: GitObjects,
  before: string | null,
  after: string | null,
  root: string,
): Promise<HeadChange[]> {
  const changes = new Map<string, string | null>();
  /** Pairs of trees that differ in no package. */
  const alike = new Set<string>();

  async function walk(directory: string, oldTree: string | null, newTree: string | null): Promise<void> {
    const pair = `${oldTree}:${newTree}`;
    if (oldTree === newTree || alike.has(pair) || Buffer.byteLength(directory) > MAX_PATH_BYTES) return;
    const found = changes.size;
    const [old, now] = [await entriesOf(git, oldTree), await entriesOf(git, newTree)];
    // The repository's own root is never a package: its path would be empty.
    const wasPackage = directory !== '' && holdsKptfile(old);
    const isPackage = directory !== '' && holdsKptfile(now);
    if (wasPackage && !isPackage) changes.set(directory, null);
    if (isPackage) changes.set(directory, newTree);
    if (changes.size > MAX_CHANGES) throw new GitError('tooLarge', `The ref holds more than ${MAX_CHANGES} packages.`);
    const oldFolders = wasPackage ? new Map<string, string>() : folders(old);
    const newFolders = isPackage ? new Map<string, string>() : folders(now);
    for (const name of new Set([...oldFolders.keys(), ...newFolders.keys()])) {
      const path = directory === '' ? name : `${directory}/${name}`;
      await walk(path, oldFolders.get(name) ?? null, newFolders.get(name) ?? null);
    }
    if (changes.size === found) alike.add(pair);
  }

  await walk(root, before, after);
  return [...changes].map(([directory, tree]) => ({ directory, tree }));
}

async function entriesOf(git: GitObjects, tree: string | null): Promise<GitTreeEntry[]> {
  try {
    return tree === null ? [] : await git.readTree(tree);
  } catch (error) {
    if (isContentFault(error)) return [];
    throw error;
  }
}

const holdsKptfile = (entries: readonly GitTreeEntry[]): boolean =>
  entries.some((entry) => entry.name === 'Kptfile' && entry.mode.startsWith('100'));

/** True for a name that can be part of a package's path: not `..`, not a lone surrogate. */
const folders = (entries: readonly GitTreeEntry[]): Map<string, string> =>
  new Map(
    entries
      .filter((entry) => entry.mode === '040000' && isReadablePath(entry.name))
      .map((entry) => [entry.name, entry.oid]),
  );
