import { buildTrees } from '../git/objects/git-hash.js';
import type { ContentFile } from './content.js';

/** Entries in a folder, by their paths within it. */
export function entriesIn<Entry extends { path: string }>(folder: string, entries: readonly Entry[]): Entry[] {
  return entries.filter(isIn(folder)).map((entry) => ({ ...entry, path: entry.path.slice(folder.length + 1) }));
}

/** Entries of a package, put into a folder. */
export const putInto = <Entry extends { path: string }>(folder: string, entries: readonly Entry[]): Entry[] =>
  entries.map((entry) => ({ ...entry, path: `${folder}/${entry.path}` }));

/** Entries of a package with others in the place of a folder. */
export const withFolder = <Entry extends { path: string }>(
  folder: string,
  entries: readonly Entry[],
  inside: readonly Entry[],
): Entry[] => [...entries.filter((entry) => !isIn(folder)(entry)), ...putInto(folder, inside)];

/** Gives a test for entries that lie in the folder, at any depth. */
export const isIn =
  (folder: string) =>
  ({ path }: { path: string }): boolean =>
    path.startsWith(`${folder}/`);

/** The tree of a folder by itself. */
export const folderTree = (folder: string, entries: readonly ContentFile[]): string =>
  buildTrees(entriesIn(folder, entries)).root;
