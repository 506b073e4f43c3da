import { createHash } from 'node:crypto';

const MAGIC = 0xff744f63;
/** Magic and version, 256 running totals, then sorted names, checksums, offsets, and the offsets beyond 2 GiB. */
const FANOUT = 8;
const NAMES = FANOUT + 256 * 4;
const TRAILER = 40;

export interface IndexedEntry {
  oid: string;
  offset: number;
  crc: number;
}

/** An index of a pack, version 2, as Git writes it: which objects the pack holds, and where. */
export class PackIndex {
  readonly count: number;

  /** Throws a RangeError where the bytes are no whole index. */
  constructor(private readonly bytes: Buffer) {
    if (bytes.length < NAMES + TRAILER || bytes.readUInt32BE(0) !== MAGIC || bytes.readUInt32BE(4) !== 2) {
      throw new RangeError('This is no index of a pack.');
    }
    this.count = bytes.readUInt32BE(NAMES - 4);
    if (bytes.length < NAMES + this.count * 28 + TRAILER) throw new RangeError('The index of a pack is cut short.');
  }

  /** The checksum at the end of the pack that this is the index of, in hex. */
  get packChecksum(): string {
    return this.bytes.toString('hex', this.bytes.length - TRAILER, this.bytes.length - TRAILER / 2);
  }

  /** Where in the pack the object begins; null when it is not there. */
  offsetOf(oid: string): number | null {
    const position = this.#positionOf(Buffer.from(oid, 'hex'));
    if (position === null) return null;
    const offset = this.bytes.readUInt32BE(NAMES + this.count * 24 + position * 4);
    if (offset < 0x80000000) return offset;
    return Number(this.bytes.readBigUInt64BE(NAMES + this.count * 28 + (offset - 0x80000000) * 8));
  }

  #positionOf(name: Buffer): number | null {
    const first = name[0] ?? 0;
    let low = first === 0 ? 0 : this.bytes.readUInt32BE(FANOUT + (first - 1) * 4);
    let high = this.bytes.readUInt32BE(FANOUT + first * 4);
    while (low < high) {
      const middle = (low + high) >>> 1;
      const start = NAMES + middle * 20;
      const order = name.compare(this.bytes, start, start + 20);
      if (order === 0) return middle;
      if (order < 0) high = middle;
      else low = middle + 1;
    }
    return null;
  }
}

/** The bytes of an index. `packChecksum` in hex. */
export function encodePackIndex(entries: readonly IndexedEntry[], packChecksum: string): Buffer {
  const sorted = [...entries].sort((a, b) => (a.oid < b.oid ? -1 : a.oid > b.oid ? 1 : 0));
  const head = Buffer.alloc(NAMES);
  head.writeUInt32BE(MAGIC, 0);
  head.writeUInt32BE(2, 4);
  const totals = new Uint32Array(256);
  const names = Buffer.alloc(sorted.length * 20);
  const checks = Buffer.alloc(sorted.length * 4);
  const offsets = Buffer.alloc(sorted.length * 4);
  const far: Buffer[] = [];
  sorted.forEach(({ oid, offset, crc }, index) => {
    names.write(oid, index * 20, 'hex');
    checks.writeUInt32BE(crc >>> 0, index * 4);
    if (offset < 0x80000000) offsets.writeUInt32BE(offset, index * 4);
    else {
      offsets.writeUInt32BE(0x80000000 + far.length, index * 4);
      const entry = Buffer.alloc(8);
      entry.writeBigUInt64BE(BigInt(offset));
      far.push(entry);
    }
    const first = Number.parseInt(oid.slice(0, 2), 16);
    totals[first] = (totals[first] ?? 0) + 1;
  });
  totals.reduce((total, count, index) => {
    head.writeUInt32BE(total + count, FANOUT + index * 4);
    return total + count;
  }, 0);
  const body = Buffer.concat([head, names, checks, offsets, ...far, Buffer.from(packChecksum, 'hex')]);
  return Buffer.concat([body, createHash('sha1').update(body).digest()]);
}
