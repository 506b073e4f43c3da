import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { deflate, deflateSync } from 'node:zlib';

const TYPE_NUMBERS = { commit: 1, tree: 2, blob: 3, tag: 4 };

export interface PackedObject {
  type: keyof typeof TYPE_NUMBERS;
  content: Buffer;
}

const deflateElsewhere = promisify(deflate);
/** Below this, handing the work to another thread takes longer than the work. */
const SMALL = 32 * 1024;

export async function compress(bytes: Buffer): Promise<Buffer> {
  return bytes.length < SMALL ? deflateSync(bytes) : deflateElsewhere(bytes);
}

/** A pack (version 2) of whole objects, without deltas. `count` is how many there are. */
export async function encodePack(objects: AsyncIterable<PackedObject>, count: number): Promise<Buffer> {
  const head = Buffer.alloc(12, 'PACK');
  head.writeUInt32BE(2, 4);
  head.writeUInt32BE(count, 8);
  const parts: Buffer[] = [head];
  for await (const { type, content } of objects)
    parts.push(objectHeader(type, content.length), await compress(content));
  const body = Buffer.concat(parts);
  return Buffer.concat([body, createHash('sha1').update(body).digest()]);
}

/** Three bits of type and a length of any size: its lowest four bits first, then seven to a byte while more follow. */
function objectHeader(type: PackedObject['type'], length: number): Buffer {
  const bytes: number[] = [];
  let byte = (TYPE_NUMBERS[type] << 4) | (length & 0b1111);
  let rest = Math.floor(length / 16);
  while (rest > 0) {
    bytes.push(byte | 0b1000_0000);
    byte = rest & 0b111_1111;
    rest = Math.floor(rest / 128);
  }
  return Buffer.from([...bytes, byte]);
}
