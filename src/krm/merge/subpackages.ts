import type { TreeEntry } from '../diff/tree-files.js';
import { KPTFILE } from '../kptfile.js';
import type { Choice, Conflict } from './conflict.js';
import type { Versions } from './merge-trees.js';

/** The folders of packages below this one in any of the versions, the innermost first. */
export function packageFolders(versions: readonly (readonly TreeEntry[])[]): string[] {
  const folders = new Set<string>();
  for (const { path } of versions.flat()) {
    if (path.endsWith(`/${KPTFILE}`)) folders.add(path.slice(0, -KPTFILE.length - 1));
  }
  return [...folders].sort((a, b) => b.length - a.length);
}

/** The folder of the package that a file is part of; '' is the package itself. */
export function packageOf(path: string, folders: readonly string[]): string {
  return folders.find((folder) => path.startsWith(`${folder}/`)) ?? '';
}

/**
 * Settles the packages below this one that one side has deleted as a whole: deleted where the other has not changed them, a
 * conflict otherwise. Nothing of them comes back in parts.
 */
export function settlePackages(
  versions: Versions,
  folders: readonly string[],
  settle: (conflict: Omit<Conflict, 'id' | 'resolution'>) => Choice | undefined,
): { open: Versions; settled: TreeEntry[] } {
  let open = versions;
  const settled: TreeEntry[] = [];
  // The outermost first: what is in it is settled with it.
  for (const folder of folders.toReversed()) {
    const within = (entries: readonly TreeEntry[]) => entries.filter(({ path }) => path.startsWith(`${folder}/`));
    const [base, ours, theirs] = [within(open.base), within(open.ours), within(open.theirs)];
    const isDeleted = base.length > 0 && (ours.length === 0) !== (theirs.length === 0);
    if (!isDeleted) continue;
    const left = ours.length > 0 ? ours : theirs;
    const isChanged = !isSameContent(base, left);
    const values = { base: pathsOf(base), ours: pathsOf(ours), theirs: pathsOf(theirs) };
    const about = {
      of: 'package',
      object: null,
      file: folder,
      steps: [],
      nth: 0,
      class: 'removal',
      isSecret: false,
    } as const;
    const choice = isChanged ? (settle({ ...about, ...values }) ?? 'ours') : undefined;
    if (choice === 'ours') settled.push(...ours);
    if (choice === 'theirs') settled.push(...theirs);
    if (choice === 'base') settled.push(...base);
    const outside = (entries: readonly TreeEntry[]) => entries.filter(({ path }) => !path.startsWith(`${folder}/`));
    open = { base: outside(open.base), ours: outside(open.ours), theirs: outside(open.theirs) };
  }
  return { open, settled };
}

function isSameContent(a: readonly TreeEntry[], b: readonly TreeEntry[]): boolean {
  const known = new Map(a.map(({ path, oid, mode }) => [path, `${mode} ${oid}`]));
  return a.length === b.length && b.every(({ path, oid, mode }) => known.get(path) === `${mode} ${oid}`);
}

const pathsOf = (entries: readonly TreeEntry[]): string[] | undefined =>
  entries.length === 0 ? undefined : entries.map(({ path }) => path);
