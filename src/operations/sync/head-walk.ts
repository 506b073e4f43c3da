import { isReadablePath } from '../../domain/file-path.js';
import { GitError, type GitObjects, type GitTreeEntry } from '../../git/port.js';
import { isContentFault } from './content-fault.js';
import type { HeadRule } from './head-rule.js';

export interface HeadChange {
  /** The package's directory in the Git tree (F). */
  directory: string;
  /** Its tree now; null when the ref no longer holds the package. */
  tree: string | null;
}

/** What two trees differ in. */
export interface HeadChanges {
  packages: HeadChange[];
  /** Directories that changed and are no package by themselves: they are one where a tag names them. */
  others: string[];
  /** Directories that changed and were not walked into. */
  unwalked: string[];
}

/** Bounds the walk: a few kilobytes of trees that name each other can stand for billions of directories. */
const MAX_CHANGES = 500_000;
/** The same for directories without any. */
const MAX_DIRECTORIES = 2_000_000;
/** Longer paths fit neither an index nor a file system. */
const MAX_PATH_BYTES = 1024;

/**
 * Compares the package directories (as `rule` has it; the walk looks for none below one) of two trees, below `root`. It
 * does not enter equal subtrees, so its work is proportional to the change. A directory that cannot be read counts as
 * empty.
 */
export async function changedHeads(
  git: GitObjects,
  before: string | null,
  after: string | null,
  root: string,
  rule: HeadRule,
): Promise<HeadChanges> {
  const changes = new Map<string, string | null>();
  /** Pairs of trees that differ in no package. */
  const alike = new Set<string>();
  const others: string[] = [];
  const unwalked: string[] = [];
  let directories = 0;

  async function walk(directory: string, oldTree: string | null, newTree: string | null): Promise<void> {
    const pair = `${oldTree}:${newTree}`;
    if (oldTree === newTree || Buffer.byteLength(directory) > MAX_PATH_BYTES) return;
    if (alike.has(pair)) {
      if (unwalked.length < MAX_CHANGES) unwalked.push(directory);
      return;
    }
    const found = changes.size;
    const [old, now] = [await entriesOf(git, oldTree), await entriesOf(git, newTree)];
    directories += 1;
    const was = oldTree === null ? 'closed' : await rule.judge(directory, oldTree, old);
    const is = newTree === null ? 'closed' : await rule.judge(directory, newTree, now);
    const [wasPackage, isPackage] = [was === 'package', is === 'package'];
    if (wasPackage && !isPackage) changes.set(directory, null);
    if (isPackage) changes.set(directory, newTree);
    else others.push(directory);
    if ((oldTree !== null && was !== 'folder') || (newTree !== null && is !== 'folder')) unwalked.push(directory);
    if (changes.size > MAX_CHANGES) throw new GitError('tooLarge', `The ref holds more than ${MAX_CHANGES} packages.`);
    if (directories > MAX_DIRECTORIES)
      throw new GitError('tooLarge', `The ref holds more than ${MAX_DIRECTORIES} folders.`);
    const oldFolders = was === 'folder' ? folders(old) : new Map<string, string>();
    const newFolders = is === 'folder' ? folders(now) : new Map<string, string>();
    for (const name of new Set([...oldFolders.keys(), ...newFolders.keys()])) {
      const path = directory === '' ? name : `${directory}/${name}`;
      await walk(path, oldFolders.get(name) ?? null, newFolders.get(name) ?? null);
    }
    if (changes.size === found && rule.goesByContent) alike.add(pair);
  }

  await walk(root, before, after);
  return { packages: [...changes].map(([directory, tree]) => ({ directory, tree })), others, unwalked };
}

/** Those of a tree that cannot be read are none. */
export async function entriesOf(git: GitObjects, tree: string | null): Promise<GitTreeEntry[]> {
  try {
    return tree === null ? [] : await git.readTree(tree);
  } catch (error) {
    if (isContentFault(error)) return [];
    throw error;
  }
}

/** By names that can be part of a package's path: not `..`, not a lone surrogate. */
export const folders = (entries: readonly GitTreeEntry[]): Map<string, string> =>
  new Map(
    entries
      .filter((entry) => entry.mode === '040000' && isReadablePath(entry.name))
      .map((entry) => [entry.name, entry.oid]),
  );
