import { encodeName } from './git-hash.js';
import { type EntrySpan, entriesIn } from './object-codec.js';
import { encodeDelta } from './pack-delta.js';

const SLASH = Buffer.from('/');
const NOTHING = Buffer.alloc(0);

/** What an edit makes of a tree's bytes, as a whole and as Git's delta on the bytes it was made from. */
export interface EditedTree {
  content: Buffer;
  delta: Buffer;
}

/**
 * A tree's bytes with the directory `name` set to the tree `child`, or taken out (null). No file of that name may be
 * there. Works on the bytes themselves: a thousand publications in a directory of a thousand packages would otherwise
 * read, sort and compress a million entries. `oid` is for messages.
 */
export function setDirectory(oid: string, bytes: Buffer, name: string, child: string | null): EditedTree {
  const wanted = Buffer.concat([encodeName(name), SLASH]);
  let [start, end] = [bytes.length, bytes.length];
  // To the end, though its place is found earlier: in a tree that is out of order it may still come.
  for (const entry of entriesIn(oid, bytes)) {
    const order = compareNames(bytes, entry, wanted);
    if (order === 0) [start, end] = [entry.start, entry.end];
    else if (order > 0 && start === bytes.length) [start, end] = [entry.start, entry.start];
  }
  const inserted =
    child === null
      ? NOTHING
      : Buffer.concat([Buffer.from('40000 '), wanted.subarray(0, -1), Buffer.from([0]), Buffer.from(child, 'hex')]);
  return {
    content: Buffer.concat([bytes.subarray(0, start), inserted, bytes.subarray(end)]),
    delta: encodeDelta(bytes.length, { start, end, inserted }),
  };
}

/** Git compares names as bytes, with `/` after that of a directory. */
function compareNames(bytes: Buffer, { nameStart, nameEnd, isDirectory }: EntrySpan, wanted: Buffer): number {
  const common = Math.min(nameEnd - nameStart, wanted.length);
  const order = bytes.compare(wanted, 0, common, nameStart, nameStart + common);
  if (order !== 0) return order;
  const rest = nameEnd - nameStart - common + (isDirectory ? 1 : 0);
  if (rest === 0 || common === wanted.length) return rest - (wanted.length - common);
  const next = nameStart + common < nameEnd ? (bytes[nameStart + common] ?? 0) : 0x2f;
  const difference = next - (wanted[common] ?? 0);
  return difference !== 0 ? difference : rest - (wanted.length - common);
}
