import { EMPTY_TREE } from './git-hash.js';
import { DomainError } from '../../domain/errors.js';
import { GitError, type GitObjects, type GitTreeEntry } from '../port.js';

/** A blob, symlink or submodule somewhere below a tree. */
export interface TreeFile {
  /** Relative to the tree. */
  path: string;
  mode: string;
  oid: string;
}

/** A few kilobytes of trees that name each other can stand for billions of paths. */
const MAX_LISTED = 200_000;

/**
 * The root tree with exactly the directory at `path` replaced by `subtree`, or removed (null). Directories that become
 * empty vanish, up to the root: then `tree` is null. `written` names the trees that were made, deepest first.
 * Throws DomainError `nameConflict` when a file stands in the way.
 */
export async function replaceTree(
  objects: GitObjects,
  rootTree: string | null,
  path: string,
  subtree: string | null,
): Promise<{ tree: string | null; written: string[] }> {
  const written: string[] = [];
  const replace = async (tree: string | null, segments: string[]): Promise<string | null> => {
    const [name, ...rest] = segments;
    if (name === undefined) return subtree === EMPTY_TREE ? null : subtree;
    const present = tree === null ? null : await objects.findEntry(tree, name);
    if (present && !isDirectory(present)) {
      if (subtree === null) return tree;
      throw new DomainError('nameConflict', `A file stands where the directory ${path} should be.`, { path });
    }
    const next = await replace(present?.oid ?? null, rest);
    if (next === (present?.oid ?? null)) return tree;
    const oid = await objects.setDirectory(tree, name, next);
    if (oid === EMPTY_TREE) return null;
    written.push(oid);
    return oid;
  };
  return { tree: await replace(rootTree, segmentsOf(path)), written };
}

/** The subtree with these directories of `directory` as the root tree `before` has them; as {@link replaceTree} gives it. */
export async function withDirectories(
  objects: GitObjects,
  subtree: string | null,
  { before, directory, kept }: { before: string; directory: string; kept: readonly string[] },
): Promise<{ tree: string | null; written: string[] }> {
  const written: string[] = [];
  let tree = subtree;
  for (const inner of kept) {
    const stays = await objects.treeAt(before, inner);
    const replaced = await replaceTree(objects, tree, inner.slice(directory.length + 1), stays);
    tree = replaced.tree;
    written.push(...replaced.written);
  }
  return { tree, written };
}

/** All blobs, symlinks and submodules below a tree, in Git's order. */
export async function listTree(objects: GitObjects, tree: string): Promise<TreeFile[]> {
  await assertListable(objects, tree);
  const files: TreeFile[] = [];
  const visit = async (oid: string, prefix: string): Promise<void> => {
    for (const entry of await objects.readTree(oid)) {
      const path = prefix + entry.name;
      if (isDirectory(entry)) await visit(entry.oid, `${path}/`);
      else files.push({ path, mode: entry.mode, oid: entry.oid });
    }
  };
  await visit(tree, '');
  return files;
}

/** Counts each tree once, however often it is named: a few kilobytes of trees can stand for billions of entries. */
async function assertListable(objects: GitObjects, tree: string): Promise<void> {
  const counts = new Map<string, number>();
  const count = async (oid: string): Promise<number> => {
    const known = counts.get(oid);
    if (known !== undefined) return known;
    let entries = 0;
    for (const entry of await objects.readTree(oid)) {
      entries += isDirectory(entry) ? 1 + (await count(entry.oid)) : 1;
      if (entries > MAX_LISTED) throw new GitError('tooLarge', `Tree ${tree} holds more than ${MAX_LISTED} entries.`);
    }
    counts.set(oid, entries);
    return entries;
  };
  await count(tree);
}

/** The OIDs of the tree itself and of all trees and blobs below it. Commits of submodules are not the repository's. */
export async function objectsBelow(objects: GitObjects, tree: string): Promise<Set<string>> {
  const found = new Set<string>();
  const visit = async (oid: string): Promise<void> => {
    if (found.has(oid)) return;
    found.add(oid);
    for (const entry of await objects.readTree(oid)) {
      if (isDirectory(entry)) await visit(entry.oid);
      else if (entry.mode !== '160000') found.add(entry.oid);
    }
  };
  await visit(tree);
  return found;
}

function isDirectory(entry: GitTreeEntry): boolean {
  return entry.mode === '040000';
}

function segmentsOf(path: string): string[] {
  return path === '' ? [] : path.split('/');
}
