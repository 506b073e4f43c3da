import type { GitRepository } from '../../git/port.js';

export interface HeadChange {
  /** The package's directory in the Git tree (F). */
  directory: string;
  /** Its tree now; null when the ref no longer holds the package. */
  tree: string | null;
}

/**
 * How the package directories (those with a Kptfile; none is looked for below one) differ between two trees.
 * Equal subtrees are not entered, so the work is proportional to the change. Below `root` only.
 */
export async function changedHeads(
  git: GitRepository,
  before: string | null,
  after: string | null,
  root: string,
): Promise<HeadChange[]> {
  const changes = new Map<string, string | null>();

  async function walk(directory: string, oldTree: string | null, newTree: string | null): Promise<void> {
    if (oldTree === newTree) return;
    const old = oldTree ? await git.readTree(oldTree) : [];
    const now = newTree ? await git.readTree(newTree) : [];
    // The repository's own root is never a package: its path would be empty.
    const wasPackage = directory !== '' && holdsKptfile(old);
    const isPackage = directory !== '' && holdsKptfile(now);
    if (wasPackage && !isPackage) changes.set(directory, null);
    if (isPackage) changes.set(directory, newTree);
    const oldFolders = wasPackage ? new Map<string, string>() : folders(old);
    const newFolders = isPackage ? new Map<string, string>() : folders(now);
    for (const name of new Set([...oldFolders.keys(), ...newFolders.keys()])) {
      const path = directory === '' ? name : `${directory}/${name}`;
      await walk(path, oldFolders.get(name) ?? null, newFolders.get(name) ?? null);
    }
  }

  await walk(root, before, after);
  return [...changes].map(([directory, tree]) => ({ directory, tree }));
}

const holdsKptfile = (entries: readonly { name: string; mode: string }[]): boolean =>
  entries.some((entry) => entry.name === 'Kptfile' && entry.mode.startsWith('100'));

const folders = (entries: readonly { name: string; mode: string; oid: string }[]): Map<string, string> =>
  new Map(entries.filter((entry) => entry.mode === '040000').map((entry) => [entry.name, entry.oid]));
