import { createHash, randomUUID } from 'node:crypto';
import fs from 'node:fs/promises';
import { join } from 'node:path';
import { PackFile } from './pack-file.js';
import { encodePackIndex, PackIndex } from './pack-index.js';
import { indexPack } from './pack-indexer.js';
import type { PackedObject } from '../objects/pack-writer.js';
import { GitError } from '../port.js';

const HEADER_BYTES = 12;
const TRAILER_BYTES = 20;
/** No fetch takes this long, so what is older was left behind by a process that died. */
const STALE_MS = 60 * 60 * 1000;

interface Pack {
  index: PackIndex;
  file: PackFile;
}

/**
 * The packs of a mirror. A pack comes to stand in `objects/pack` only when it is complete and checked, so an object
 * found in one has with it all that it reaches.
 */
export class PackDirectory {
  readonly #packs: string;
  readonly #incoming: string;
  readonly #open = new Map<string, Pack>();
  #lastLook: Promise<void> = Promise.resolve();
  #nextLook: Promise<void> | null = null;

  constructor(directory: string) {
    this.#packs = join(directory, 'objects', 'pack');
    this.#incoming = join(directory, 'incoming');
  }

  async holds(oid: string): Promise<boolean> {
    return (await this.#find(oid)) !== null;
  }

  /**
   * The object; null when no pack has it. Throws GitError `missingObject` when the pack that should have it is damaged,
   * `tooLarge` when it is larger than may be held in memory.
   */
  async read(oid: string): Promise<PackedObject | null> {
    const found = await this.#find(oid);
    if (found === null) return null;
    const { index, file } = found.pack;
    try {
      return await file.read(found.offset, (base) => index.offsetOf(base));
    } catch (error) {
      if (error instanceof GitError || isShortage(error)) throw error;
      throw new GitError('missingObject', `Object ${oid} of the mirror is damaged.`, {}, { cause: error });
    }
  }

  /** Takes in a pack as it arrives: to a file, checked, indexed, and only then put in place. */
  async receive(pack: AsyncIterable<Buffer> | Iterable<Buffer>, maxBytes: number): Promise<void> {
    await fs.mkdir(this.#incoming, { recursive: true });
    await this.#dropLeftovers();
    const stem = randomUUID();
    const path = join(this.#incoming, `${stem}.pack`);
    try {
      const { count, checksum } = await save(pack, path, maxBytes);
      if (count === 0) return;
      const index = encodePackIndex(await indexPack(path, count), checksum);
      await fs.writeFile(join(this.#incoming, `${stem}.idx`), index);
      // Readers go by the index, so the pack has to be there first.
      await fs.rename(path, join(this.#packs, `pack-${checksum}.pack`));
      await fs.rename(join(this.#incoming, `${stem}.idx`), join(this.#packs, `pack-${checksum}.idx`));
    } finally {
      await fs.rm(path, { force: true });
      await fs.rm(join(this.#incoming, `${stem}.idx`), { force: true });
    }
  }

  async #dropLeftovers(): Promise<void> {
    for (const file of await fs.readdir(this.#incoming)) {
      const path = join(this.#incoming, file);
      const found = await fs.stat(path).catch(() => null);
      if (found && Date.now() - found.mtimeMs > STALE_MS) await fs.rm(path, { force: true });
    }
  }

  async #find(oid: string): Promise<{ pack: Pack; offset: number } | null> {
    const found = this.#findOpen(oid);
    if (found) return found;
    await this.#look();
    return this.#findOpen(oid);
  }

  /** Opens packs that came since. All who ask while one look is under way share the next: thousands may ask at once. */
  #look(): Promise<void> {
    this.#nextLook ??= this.#lastLook.then(() => {
      this.#nextLook = null;
      const look = this.#openNew();
      this.#lastLook = look.catch(() => undefined);
      return look;
    });
    return this.#nextLook;
  }

  #findOpen(oid: string): { pack: Pack; offset: number } | null {
    for (const pack of this.#open.values()) {
      const offset = pack.index.offsetOf(oid);
      if (offset !== null) return { pack, offset };
    }
    return null;
  }

  async #openNew(): Promise<void> {
    for (const name of await fs.readdir(this.#packs)) {
      if (!name.endsWith('.idx') || this.#open.has(name)) continue;
      this.#open.set(name, await openPack(join(this.#packs, name)));
    }
  }
}

/** Opens a pack and its index, which have to belong together: one that was cut short must not look whole. */
async function openPack(indexPath: string): Promise<Pack> {
  const file = new PackFile(indexPath.replace(/\.idx$/, '.pack'));
  try {
    const index = new PackIndex(await fs.readFile(indexPath));
    if ((await file.checksum()) !== index.packChecksum) throw new RangeError('The pack is cut short.');
    return { index, file };
  } catch (error) {
    if (isShortage(error)) throw error;
    throw new GitError('missingObject', 'A pack of the mirror is damaged.', {}, { cause: error });
  }
}

/** What the system lacks is no fault of the mirror, and must not have it made anew. */
function isShortage(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && !('code' in error && error.code === 'ENOENT');
}

/** Writes the pack to a file, and checks it against the checksum at its end. */
async function save(
  pack: AsyncIterable<Buffer> | Iterable<Buffer>,
  path: string,
  maxBytes: number,
): Promise<{ count: number; checksum: string }> {
  const file = await fs.open(path, 'wx');
  const hash = createHash('sha1');
  let size = 0;
  let head: Buffer = Buffer.alloc(0);
  let tail: Buffer = Buffer.alloc(0);
  try {
    for await (const chunk of pack) {
      size += chunk.length;
      if (size > maxBytes) throw new GitError('tooLarge', `The remote sends more than ${maxBytes} bytes.`);
      if (head.length < HEADER_BYTES) head = Buffer.concat([head, chunk]).subarray(0, HEADER_BYTES);
      // The last 20 bytes are the checksum itself, and which ones are last is only known at the end.
      tail = Buffer.concat([tail, chunk]);
      hash.update(tail.subarray(0, -TRAILER_BYTES));
      tail = tail.subarray(-TRAILER_BYTES);
      await file.writeFile(chunk);
    }
  } finally {
    await file.close();
  }
  const checksum = hash.digest('hex');
  const whole = size >= HEADER_BYTES + TRAILER_BYTES && head.toString('latin1', 0, 4) === 'PACK';
  if (!whole || tail.toString('hex') !== checksum) {
    throw new GitError('protocol', 'The remote sent a pack that is cut short or damaged.');
  }
  return { count: head.readUInt32BE(8), checksum };
}
