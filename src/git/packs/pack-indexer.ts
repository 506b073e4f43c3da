import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import fs from 'node:fs/promises';
import { crc32, createInflate, inflateSync } from 'node:zlib';
import { hashObject } from '../objects/git-hash.js';
import { applyDelta, decodeEntryHead, deltaResultSize, MAX_HEAD_BYTES, type PackEntry } from './pack-entry.js';
import { inflateOptions, PackFile } from './pack-file.js';
import type { IndexedEntry } from './pack-index.js';
import type { PackedObject } from '../objects/pack-writer.js';
import { GitError } from '../port.js';

const HEADER_BYTES = 12;
const TRAILER_BYTES = 20;
const WINDOW = 4 * 1024 * 1024;
/** Larger entries are streamed through and never held. */
const LARGE = 1024 * 1024;
/** Objects on the way from a base to the last of its deltas, all held at once. */
const MAX_CHAIN_BYTES = 512 * 1024 * 1024;

interface Scanned extends PackEntry {
  crc: number;
  /** Null for a delta, whose object is known once its base is. */
  oid: string | null;
}

/**
 * Names all objects of a pack: one pass over the file, then from each base to its deltas. The pack must hold the base
 * of every delta. Throws GitError `protocol` when it does not, or makes no sense; `tooLarge`.
 */
export async function indexPack(path: string, count: number): Promise<IndexedEntry[]> {
  try {
    const scanned = await scan(path, count);
    await resolveDeltas(path, scanned);
    return scanned.map(({ oid, offset, crc }) => {
      if (oid === null) throw new RangeError('A delta has no base.');
      return { oid, offset, crc };
    });
  } catch (error) {
    if (error instanceof GitError || (error instanceof Error && 'syscall' in error)) throw error;
    throw new GitError('protocol', 'The remote sent a pack that cannot be read.', {}, { cause: error });
  }
}

async function scan(path: string, count: number): Promise<Scanned[]> {
  const found: Scanned[] = [];
  const file = await fs.open(path, 'r');
  try {
    const end = (await file.stat()).size - TRAILER_BYTES;
    let window = Buffer.alloc(0);
    let start = HEADER_BYTES;
    let at = HEADER_BYTES;
    const slide = async (): Promise<void> => {
      const buffer = Buffer.allocUnsafe(Math.max(0, Math.min(WINDOW, end - at)));
      const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
      window = buffer.subarray(0, bytesRead);
      start = at;
    };
    for (let index = 0; index < count; index += 1) {
      if (start + window.length - at < 2 * LARGE && start + window.length < end) await slide();
      const entry = decodeEntryHead(window.subarray(at - start, at - start + MAX_HEAD_BYTES), at);
      const read = entry.size > LARGE ? null : inflateAt(window.subarray(entry.dataOffset - start), entry);
      const head = window.subarray(at - start, entry.dataOffset - start);
      if (read) {
        const next = entry.dataOffset + read.consumed;
        found.push({
          ...entry,
          oid: entry.type === null ? null : hashObject(entry.type, read.bytes),
          crc: crc32(window.subarray(at - start, next - start)),
        });
        at = next;
      } else {
        const streamed = await streamEntry(path, entry, end, crc32(head));
        found.push({ ...entry, oid: streamed.oid, crc: streamed.crc });
        at = entry.dataOffset + streamed.consumed;
        await slide();
      }
    }
    if (at !== end) throw new RangeError('The pack goes on after its last object.');
    return found;
  } finally {
    await file.close();
  }
}

/** Null when the compressed bytes go on beyond those given. */
function inflateAt(bytes: Buffer, { size }: PackEntry): { bytes: Buffer; consumed: number } | null {
  const options = { ...inflateOptions(size), info: true };
  const result = inflateSync(bytes.subarray(0, 2 * size + 1024), options) as unknown as {
    buffer: Buffer;
    engine: { bytesWritten: number };
  };
  if (result.buffer.length < size) return null;
  // An end that was not reached yet: the checksum behind the last byte is missing.
  if (result.engine.bytesWritten >= Math.min(bytes.length, 2 * size + 1024)) return null;
  return { bytes: result.buffer, consumed: result.engine.bytesWritten };
}

/** Passes through an entry of any size and holds none of it. */
async function streamEntry(
  path: string,
  entry: PackEntry,
  end: number,
  headCrc: number,
): Promise<{ oid: string | null; crc: number; consumed: number }> {
  const hash: Hash | null = entry.type === null ? null : createHash('sha1').update(`${entry.type} ${entry.size}\0`);
  const inflater = createInflate();
  const source = createReadStream(path, { start: entry.dataOffset, end: end - 1 });
  source.once('error', (error) => inflater.destroy(error));
  source.pipe(inflater);
  let size = 0;
  try {
    for await (const chunk of inflater as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > entry.size) throw new RangeError('An object is larger than the pack says.');
      hash?.update(chunk);
    }
  } finally {
    source.destroy();
  }
  if (size !== entry.size) throw new RangeError('An object is smaller than the pack says.');
  const consumed = inflater.bytesWritten;
  let crc = headCrc;
  for await (const chunk of createReadStream(path, { start: entry.dataOffset, end: entry.dataOffset + consumed - 1 })) {
    crc = crc32(chunk as Buffer, crc);
  }
  return { oid: hash?.digest('hex') ?? null, crc, consumed };
}

async function resolveDeltas(path: string, entries: readonly Scanned[]): Promise<void> {
  const children = new Map<string | number, Scanned[]>();
  for (const entry of entries) {
    if (entry.base === null) continue;
    const siblings = children.get(entry.base);
    if (siblings) siblings.push(entry);
    else children.set(entry.base, [entry]);
  }
  if (children.size === 0) return;
  const pack = new PackFile(path);
  const childrenOf = (entry: Scanned): Scanned[] => [
    ...(children.get(entry.offset) ?? []),
    ...(children.get(entry.oid ?? '') ?? []),
  ];
  let held = 0;
  /** From the base at hand to the object that is worked on; each with the deltas on it that are still to do. */
  const chain: { content: Buffer; type: PackedObject['type']; waiting: Scanned[] }[] = [];
  const push = (entry: Scanned, type: PackedObject['type'], content: Buffer): void => {
    const waiting = childrenOf(entry);
    if (waiting.length === 0) return;
    chain.push({ content, type, waiting });
    held += content.length;
    if (held > MAX_CHAIN_BYTES) throw tooLarge();
  };
  for (const root of entries) {
    if (root.type === null || childrenOf(root).length === 0) continue;
    push(root, root.type, await pack.inflate(root));
    for (let top = chain.at(-1); top; top = chain.at(-1)) {
      const child = top.waiting.pop();
      if (child === undefined) {
        held -= top.content.length;
        chain.pop();
        continue;
      }
      if (child.oid !== null) continue;
      const delta = await pack.inflate(child);
      if (deltaResultSize(delta) > MAX_CHAIN_BYTES) throw tooLarge();
      const content = applyDelta(top.content, delta);
      child.oid = hashObject(top.type, content);
      push(child, top.type, content);
    }
  }
}

const tooLarge = (): GitError => new GitError('tooLarge', 'The remote sends objects that are too large to be read.');
