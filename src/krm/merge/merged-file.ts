import type { FoundObject } from '../diff/object-pairs.js';
import type { TreeEntry } from '../diff/tree-files.js';
import type { Document } from './documents.js';
import { mergedMode } from './merged-mode.js';
import { Followers } from './merged-order.js';
import type { MergedObject } from './merged-object.js';

/** A file of the result. `oid` null: its bytes are new. */
export type MergedEntry = Omit<TreeEntry, 'oid'> & { oid: string | null };

/** A file of objects in one version. */
export interface ObjectFile {
  entry: TreeEntry;
  documents: readonly Document[];
}

/** A file of objects in those of the three versions that have it. */
export interface ObjectFiles {
  base: ObjectFile | undefined;
  ours: ObjectFile | undefined;
  theirs: ObjectFile | undefined;
}

interface Part {
  divider: string;
  text: string;
  object: MergedObject | null;
}

/**
 * A file after the merge; null: nothing is left in it. Its frame is that of ours, but where only theirs has changed it; what
 * comes into it goes behind what it follows on its own side.
 */
export function mergedFile(files: ObjectFiles, objects: readonly MergedObject[]): MergedEntry | null {
  const { base, ours, theirs } = files;
  const isTheirs = theirs !== undefined && (ours === undefined || ours.entry.oid === base?.entry.oid);
  const [frame, other] = isTheirs ? [theirs, ours] : [ours, theirs];
  if (!frame) return null;
  const known = new Map(
    objects.flatMap((object) =>
      [object.trio.ours, object.trio.theirs].flatMap((side) => (side ? [[side, object]] : [])),
    ),
  );
  const merged = (object: FoundObject): MergedObject | null => known.get(object) ?? null;
  const kept = frame.documents.flatMap(({ divider, read, object }): Part[] => {
    if (object === null) return [{ divider, text: read.text, object }];
    const stays = merged(object);
    return stays ? [{ divider, text: stays.text, object: stays }] : [];
  });
  const order = (other?.documents ?? []).flatMap(({ object }) => (object ? [merged(object)] : []));
  const parts = inserted(kept, objects, order);
  if (parts.every(({ object }) => object === null)) return null;
  const whole = joined(parts, frame);
  const mode = mergedMode({ base: base?.entry, ours: ours?.entry, theirs: theirs?.entry }) ?? frame.entry.mode;
  const same = [frame, other].find((file) => file && textOfFile(file) === whole);
  if (same) return { ...same.entry, mode };
  return { ...frame.entry, mode, oid: null, content: Buffer.from(whole) };
}

/** Puts in the objects that the frame does not have, each behind the one before it on its own side. */
function inserted(
  parts: readonly Part[],
  objects: readonly MergedObject[],
  order: readonly (MergedObject | null)[],
): Part[] {
  const there = new Set(parts.map(({ object }) => object));
  const behind = new Followers<MergedObject | null, Part>();
  let before: MergedObject | null = null;
  for (const object of new Set([...order, ...objects])) {
    if (object === null) continue;
    if (there.has(object)) {
      before = object;
      continue;
    }
    behind.add(before, { divider: '', text: object.text, object });
  }
  const kept = parts.flatMap((part) => (part.object === null ? [part] : [part, ...behind.of(part.object)]));
  return [...behind.of(null), ...kept];
}

function joined(parts: readonly Part[], frame: ObjectFile): string {
  const lineBreak = /\r?\n/.exec(textOfFile(frame))?.[0] ?? '\n';
  const first = frame.documents[0]?.divider ?? '';
  const own = new Set(frame.documents.map(({ read }) => read.text));
  let text = '';
  for (const [at, part] of parts.entries()) {
    const isOwn = own.has(part.text);
    const body = isOwn ? part.text : part.text.replaceAll(/\r?\n/g, lineBreak);
    if (text !== '' && !text.endsWith('\n')) text += lineBreak;
    text += at === 0 ? first : part.divider || `---${lineBreak}`;
    text += body;
  }
  return text;
}

export const textOfFile = ({ documents }: ObjectFile): string =>
  documents.map(({ divider, read }) => divider + read.text).join('');
