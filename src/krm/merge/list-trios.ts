import type { FoundObject } from '../diff/object-pairs.js';
import { MERGE_SIDES, type MergeSide } from '../../domain/upgrade.js';
import type { Document } from './documents.js';
import type { ObjectFiles } from './merged-file.js';

/** A document that is a list. */
export interface ListDocument extends Document {
  object: FoundObject;
  items: readonly FoundObject[];
  /** The index of each item in the list, from 0. */
  places: ReadonlyMap<FoundObject, number>;
}

/** A list of a file, in those of the three versions that have it. */
export type ListTrio = Record<MergeSide, ListDocument | undefined> & { file: string };

/** The lists of files: the first of a kind in a file is the first of that kind there in the other versions, and so on. */
export function matchLists(files: ReadonlyMap<string, ObjectFiles>): ListTrio[] {
  return [...files].flatMap(([file, versions]) => {
    const trios = new Map<string, ListTrio>();
    for (const side of MERGE_SIDES) {
      const counts = new Map<string, number>();
      for (const document of (versions[side]?.documents ?? []).flatMap((found) => listOf(found) ?? [])) {
        const { kind } = document.object;
        const nth = counts.get(kind) ?? 0;
        counts.set(kind, nth + 1);
        const id = `${kind} ${nth}`;
        const trio = trios.get(id) ?? { file, base: undefined, ours: undefined, theirs: undefined };
        trio[side] = document;
        trios.set(id, trio);
      }
    }
    return [...trios.values()];
  });
}

/** Null: it is no list. */
export function listOf({ object, items, ...document }: Document): ListDocument | null {
  if (object === null || items === null) return null;
  return { ...document, object, items, places: new Map(items.map((item, at) => [item, at])) };
}
