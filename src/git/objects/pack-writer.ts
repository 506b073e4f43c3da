import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { deflate, deflateSync } from 'node:zlib';

const TYPE_NUMBERS = { commit: 1, tree: 2, blob: 3, tag: 4 };

const REF_DELTA = 7;
/** As long as Git makes its own: a longer chain saves little, and every reader has to follow it. */
const MAX_CHAIN = 50;

export interface PackedObject {
  type: keyof typeof TYPE_NUMBERS;
  content: Buffer;
  /** The same content as the difference to another object, if that is known. */
  delta?: { base: string; bytes: Buffer };
}

const deflateElsewhere = promisify(deflate);
/** Below this, handing the work to another thread takes longer than the work. */
const SMALL = 32 * 1024;

/** What the headers and the checksum of zlib add to bytes that cannot be compressed, and more. */
const ZLIB_EXTRA = 64;
/** So many objects are compressed before others have their turn. */
const OBJECTS_A_TURN = 200;

export async function compress(bytes: Buffer): Promise<Buffer> {
  if (bytes.length >= SMALL) return deflateElsewhere(bytes);
  // zlib gives away a slice of its chunk: with the usual ones of 16 KiB a pack of 20,000 small files held 300 MB.
  return deflateSync(bytes, { chunkSize: bytes.length + ZLIB_EXTRA });
}

/**
 * A pack (version 2) of these objects; `count` is how many there are. One whose delta is known is written as that, if
 * its base came before: the pack needs nothing that is not in it.
 */
export async function encodePack(
  objects: AsyncIterable<PackedObject & { oid: string }>,
  count: number,
): Promise<Buffer> {
  const head = Buffer.alloc(12, 'PACK');
  head.writeUInt32BE(2, 4);
  head.writeUInt32BE(count, 8);
  const parts: Buffer[] = [head];
  /** How many deltas lead to each object that is in the pack so far. */
  const chains = new Map<string, number>();
  for await (const { oid, type, content, delta } of objects) {
    if (chains.size % OBJECTS_A_TURN === OBJECTS_A_TURN - 1) await nextTurn();
    const chain = delta === undefined ? MAX_CHAIN : (chains.get(delta.base) ?? MAX_CHAIN);
    if (delta !== undefined && chain < MAX_CHAIN) {
      chains.set(oid, chain + 1);
      parts.push(entryHeader(REF_DELTA, delta.bytes.length), Buffer.from(delta.base, 'hex'));
      parts.push(await compress(delta.bytes));
    } else {
      chains.set(oid, 0);
      parts.push(entryHeader(TYPE_NUMBERS[type], content.length), await compress(content));
    }
  }
  const body = Buffer.concat(parts);
  return Buffer.concat([body, createHash('sha1').update(body).digest()]);
}

/** Three bits of type and a length of any size: its lowest four bits first, then seven to a byte while more follow. */
function entryHeader(type: number, length: number): Buffer {
  const bytes: number[] = [];
  let byte = (type << 4) | (length & 0b1111);
  let rest = Math.floor(length / 16);
  while (rest > 0) {
    bytes.push(byte | 0b1000_0000);
    byte = rest & 0b111_1111;
    rest = Math.floor(rest / 128);
  }
  return Buffer.from([...bytes, byte]);
}
