import { createHash, randomUUID } from 'node:crypto';
import fs from 'node:fs/promises';
import { join } from 'node:path';
import git from 'isomorphic-git';
import { GitError } from './port.js';

const HEADER_BYTES = 12;
const TRAILER_BYTES = 20;
/** Pack index version 2: magic and version, 256 running totals, then the sorted OIDs. */
const FANOUT = 8;
const NAMES = FANOUT + 256 * 4;
/** No fetch takes this long, so what is older was left behind by a process that died. */
const STALE_MS = 60 * 60 * 1000;

/**
 * The packs of a mirror. A pack comes to stand in `objects/pack` only when it is complete and checked, so an object
 * found in one has with it all that it reaches.
 */
export class PackDirectory {
  readonly #packs: string;
  readonly #incoming: string;
  readonly #indexes = new Map<string, Buffer>();

  constructor(private readonly directory: string) {
    this.#packs = join(directory, 'objects', 'pack');
    this.#incoming = join(directory, 'incoming');
  }

  async holds(oid: string): Promise<boolean> {
    const name = Buffer.from(oid, 'hex');
    for (const file of await fs.readdir(this.#packs)) {
      if (file.endsWith('.idx') && indexHolds(await this.#index(file), name)) return true;
    }
    return false;
  }

  /** Takes in a pack as it arrives: to a file, checked, indexed, and only then put in place. */
  async receive(pack: AsyncIterable<Buffer>, maxBytes: number): Promise<void> {
    await fs.mkdir(this.#incoming, { recursive: true });
    await this.#dropLeftovers();
    const stem = randomUUID();
    const path = join(this.#incoming, `${stem}.pack`);
    try {
      const { count, checksum } = await save(pack, path, maxBytes);
      if (count === 0) return;
      await this.#indexIncoming(stem, count);
      // Readers go by the index, so the pack has to be there first.
      await fs.rename(path, join(this.#packs, `pack-${checksum}.pack`));
      await fs.rename(join(this.#incoming, `${stem}.idx`), join(this.#packs, `pack-${checksum}.idx`));
    } finally {
      await fs.rm(path, { force: true });
      await fs.rm(join(this.#incoming, `${stem}.idx`), { force: true });
    }
  }

  async #indexIncoming(stem: string, count: number): Promise<void> {
    const filepath = `${stem}.pack`;
    const { oids } = await git
      .indexPack({ fs, dir: this.#incoming, gitdir: this.directory, filepath })
      .catch((error: unknown) => {
        throw new GitError('protocol', 'The remote sent a pack that cannot be read.', {}, { cause: error });
      });
    // isomorphic-git leaves out objects it cannot resolve, without a word.
    if (oids.length !== count) throw new GitError('protocol', 'The remote sent a pack with objects missing.');
  }

  async #dropLeftovers(): Promise<void> {
    for (const file of await fs.readdir(this.#incoming)) {
      const path = join(this.#incoming, file);
      const found = await fs.stat(path).catch(() => null);
      if (found && Date.now() - found.mtimeMs > STALE_MS) await fs.rm(path, { force: true });
    }
  }

  async #index(file: string): Promise<Buffer> {
    let index = this.#indexes.get(file);
    if (index === undefined) {
      index = await fs.readFile(join(this.#packs, file));
      if (index.length < NAMES || index.readUInt32BE(0) !== 0xff744f63 || index.readUInt32BE(4) !== 2) {
        throw new GitError('missingObject', 'An index of the mirror is damaged.');
      }
      this.#indexes.set(file, index);
    }
    return index;
  }
}

/** Writes the pack to a file, and checks it against the checksum at its end. */
async function save(
  pack: AsyncIterable<Buffer>,
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

function indexHolds(index: Buffer, name: Buffer): boolean {
  const first = name[0] ?? 0;
  let low = first === 0 ? 0 : index.readUInt32BE(FANOUT + (first - 1) * 4);
  let high = index.readUInt32BE(FANOUT + first * 4);
  while (low < high) {
    const middle = (low + high) >>> 1;
    const start = NAMES + middle * 20;
    const order = name.compare(index, start, start + 20);
    if (order === 0) return true;
    if (order < 0) high = middle;
    else low = middle + 1;
  }
  return false;
}
