import { encodePath } from '../git/objects/git-hash.js';
import type { TreeEntry } from '../krm/diff/tree-files.js';
import type { ContentFile } from './content.js';

/** An entry of a tree whose bytes have not been read yet. */
export type SizedEntry = TreeEntry & Pick<ContentFile, 'sizeBytes'>;

export function entryOf({ path, mode, oid, sizeBytes, hidden }: ContentFile): SizedEntry {
  return { path, mode, oid, sizeBytes, content: null, rawPath: hidden === undefined ? null : encodePath(path) };
}

/** Gives each blob, in order, that still fits beside those before it; the others go on without their bytes. */
export function within(sizes: ReadonlyMap<string, number>, most: number): string[] {
  let left = most;
  return [...sizes].flatMap(([oid, size]) => {
    if (size > left) return [];
    left -= size;
    return [oid];
  });
}
