import fs from 'node:fs/promises';
import { promisify } from 'node:util';
import { constants, inflate, inflateSync, type InputType, type ZlibOptions } from 'node:zlib';
import { applyDelta, decodeEntryHead, deltaResultSize, MAX_HEAD_BYTES, type PackEntry } from './pack-entry.js';
import type { PackedObject } from '../objects/pack-writer.js';
import { GitError } from '../port.js';
import { RecentlyUsed } from '../recently-used.js';

/** Larger objects are not read into memory. */
export const MAX_OBJECT_BYTES = 256 * 1024 * 1024;
/** The file is read in pieces of this size, and opened for each: no handle is left open behind a visit. */
const WINDOW = 512 * 1024;
const WINDOW_CACHE = 16 * 1024 * 1024;
const OBJECT_CACHE = 32 * 1024 * 1024;
/** Below this, handing the work to another thread takes longer than the work. */
const SMALL = 64 * 1024;
/** How many compressed bytes are read for an object of a size: the most that zlib makes, then twice the size. */
const COMPRESSED_BOUNDS = [(size: number) => size + (size >>> 9) + 256, (size: number) => 2 * size + 64 * 1024];

const inflateElsewhere = promisify<InputType, ZlibOptions, Buffer>(inflate);

/** Reads objects out of one pack. Memory is bounded whatever the pack's size. */
export class PackFile {
  readonly #windows = new RecentlyUsed<number, Buffer>(WINDOW_CACHE, (bytes) => bytes.length);
  readonly #objects = new RecentlyUsed<number, PackedObject>(OBJECT_CACHE, ({ content }) => content.length);
  readonly #loading = new Map<number, Promise<Buffer>>();

  constructor(private readonly path: string) {}

  /**
   * The object whose entry begins at `offset`; `offsetOf` finds a base in the same pack. Throws GitError `tooLarge`, and
   * any other error where the pack is damaged.
   */
  async read(offset: number, offsetOf: (oid: string) => number | null): Promise<PackedObject> {
    const deltas: { offset: number; bytes: Buffer }[] = [];
    let at = offset;
    let found = this.#objects.get(at);
    while (found === undefined) {
      const entry = decodeEntryHead(await this.#bytes(at, MAX_HEAD_BYTES), at);
      const bytes = await this.inflate(entry);
      if (entry.type !== null) {
        found = { type: entry.type, content: bytes };
        this.#objects.set(at, found);
        break;
      }
      assertReadable(deltaResultSize(bytes));
      deltas.push({ offset: at, bytes });
      const base = typeof entry.base === 'string' ? offsetOf(entry.base) : entry.base;
      if (base === null || deltas.some((delta) => delta.offset === base)) throw new RangeError('A delta has no base.');
      at = base;
      found = this.#objects.get(at);
    }
    for (const delta of deltas.reverse()) {
      found = { type: found.type, content: applyDelta(found.content, delta.bytes) };
      this.#objects.set(delta.offset, found);
    }
    return found;
  }

  /** The last 20 bytes of the file, in hex. */
  async checksum(): Promise<string> {
    const { size } = await fs.stat(this.path);
    return (await this.#bytes(Math.max(0, size - 20), 20)).toString('hex');
  }

  /** The entry's own bytes: those of the object or of the delta. */
  async inflate(entry: PackEntry): Promise<Buffer> {
    assertReadable(entry.size);
    // What follows the entry is read with it, and ignored.
    const options = inflateOptions(entry.size);
    for (const bound of COMPRESSED_BOUNDS) {
      const compressed = await this.#bytes(entry.dataOffset, bound(entry.size));
      const bytes = entry.size < SMALL ? inflateSync(compressed, options) : await inflateElsewhere(compressed, options);
      if (bytes.length === entry.size) return bytes;
    }
    throw new RangeError('An object of the pack is cut short.');
  }

  /** So many bytes, or fewer where the file ends. */
  async #bytes(start: number, length: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for (let at = start; at < start + length;) {
      const index = Math.floor(at / WINDOW);
      const window = await this.#window(index);
      const part = window.subarray(at - index * WINDOW, start + length - index * WINDOW);
      parts.push(part);
      at += part.length;
      if (window.length < WINDOW) break;
    }
    return parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
  }

  /** Those who want a piece that is being read wait for it: thousands at once would open the file as often. */
  async #window(index: number): Promise<Buffer> {
    const kept = this.#windows.get(index);
    if (kept) return kept;
    const loading = this.#loading.get(index) ?? this.#load(index).finally(() => this.#loading.delete(index));
    this.#loading.set(index, loading);
    return loading;
  }

  async #load(index: number): Promise<Buffer> {
    const file = await fs.open(this.path, 'r');
    try {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(WINDOW), 0, WINDOW, index * WINDOW);
      const window = buffer.subarray(0, bytesRead);
      this.#windows.set(index, window);
      return window;
    } finally {
      await file.close();
    }
  }
}

/**
 * For so many bytes out of a buffer that may go on behind them. zlib gives away slices of its chunks, so that a chunk
 * of the default 16 KiB would stay in memory with every small object that is kept.
 */
export function inflateOptions(size: number): ZlibOptions {
  return {
    chunkSize: Math.max(size + 1, constants.Z_MIN_CHUNK),
    maxOutputLength: Math.max(size, 1),
    finishFlush: constants.Z_SYNC_FLUSH,
  };
}

function assertReadable(size: number): void {
  if (size > MAX_OBJECT_BYTES) throw new GitError('tooLarge', `An object is larger than ${MAX_OBJECT_BYTES} bytes.`);
}
