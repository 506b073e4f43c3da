import type { GitTreeEntry } from '../port.js';
import { encodeName, encodeTree } from './git-hash.js';
import { decodeTree, type EntrySpan, entriesIn } from './object-codec.js';
import { encodeDelta } from './pack-delta.js';

const SLASH = Buffer.from('/');
const NOTHING = Buffer.alloc(0);

/**
 * The tree's bytes as Git writes them: sorted, each name once, each mode one of Git's five. The same bytes where they are
 * so already. Of entries with one name the first stays, which is the one that Git finds.
 */
export function canonicalTree(oid: string, bytes: Buffer): Buffer {
  if (isCanonical(oid, bytes)) return bytes;
  const entries = new Map<string, GitTreeEntry>();
  for (const entry of decodeTree(oid, bytes)) if (!entries.has(entry.name)) entries.set(entry.name, entry);
  return encodeTree([...entries.values()]);
}

function isCanonical(oid: string, bytes: Buffer): boolean {
  const names = new Set<string>();
  let before: Buffer | null = null;
  for (const entry of entriesIn(oid, bytes)) {
    if (!entry.isCanonical) return false;
    const name = bytes.subarray(entry.nameStart, entry.nameEnd);
    // A file and a directory of one name do not lie side by side.
    const key = name.toString('latin1');
    if (names.has(key) || (before !== null && compareNames(bytes, entry, before) < 0)) return false;
    names.add(key);
    before = entry.isDirectory ? Buffer.concat([name, SLASH]) : name;
  }
  return true;
}

/** What an edit makes of a tree's bytes, as a whole and as Git's delta on the bytes it was made from. */
export interface EditedTree {
  content: Buffer;
  delta: Buffer;
}

/**
 * A {@link canonicalTree}'s bytes with the directory `name` set to the tree `child`, or taken out (null). No file of that
 * name may be there. Works on the bytes themselves: a thousand publications in a directory of a thousand packages would otherwise
 * read, sort and compress a million entries. `oid` is for messages.
 */
export function setDirectory(oid: string, bytes: Buffer, name: string, child: string | null): EditedTree {
  const wanted = Buffer.concat([encodeName(name), SLASH]);
  let [start, end] = [bytes.length, bytes.length];
  for (const entry of entriesIn(oid, bytes)) {
    const order = compareNames(bytes, entry, wanted);
    if (order < 0) continue;
    [start, end] = [entry.start, order === 0 ? entry.end : entry.start];
    break;
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
