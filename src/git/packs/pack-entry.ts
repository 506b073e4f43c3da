import type { PackedObject } from '../objects/pack-writer.js';

/** The longest head of an entry: type and size in at most 10 bytes, then the name or the distance of its base. */
export const MAX_HEAD_BYTES = 32;

const TYPES: Record<number, PackedObject['type']> = { 1: 'commit', 2: 'tree', 3: 'blob', 4: 'tag' };

/** An entry of a pack: an object, or the difference to another one, which `base` names by its OID or its offset. */
export interface PackEntry {
  offset: number;
  /** Where its compressed bytes begin. */
  dataOffset: number;
  /** Bytes of the object, or of the delta. */
  size: number;
  type: PackedObject['type'] | null;
  base: string | number | null;
}

/** Reads the head of the entry at `offset` of the pack; `bytes` begin there. Throws where it makes no sense. */
export function decodeEntryHead(bytes: Buffer, offset: number): PackEntry {
  let at = 0;
  let byte = bytes.readUInt8(at++);
  const number = (byte >> 4) & 0b111;
  let size = byte & 0b1111;
  for (let factor = 16; byte & 0x80; factor *= 128) {
    byte = bytes.readUInt8(at++);
    size += (byte & 0x7f) * factor;
    if (!Number.isSafeInteger(size)) throw new RangeError('The pack tells of an object of impossible size.');
  }
  const type = TYPES[number] ?? null;
  let base: string | number | null = null;
  if (number === 6) {
    byte = bytes.readUInt8(at++);
    let distance = byte & 0x7f;
    while (byte & 0x80) {
      byte = bytes.readUInt8(at++);
      distance = (distance + 1) * 128 + (byte & 0x7f);
    }
    base = offset - distance;
    if (distance <= 0 || base < 0) throw new RangeError('The pack tells of a base outside of it.');
  } else if (number === 7) {
    base = bytes.toString('hex', at, at + 20);
    at += 20;
  } else if (type === null) throw new RangeError(`The pack holds an entry of the unknown type ${number}.`);
  return { offset, dataOffset: offset + at, size, type, base };
}

/** Bytes of the object that a delta makes; the delta's first few bytes are enough. */
export function deltaResultSize(delta: Buffer): number {
  return readSize(delta, readSize(delta, 0).end).value;
}

/** The object that a delta makes of its base. Throws where it does not fit. */
export function applyDelta(base: Buffer, delta: Buffer): Buffer {
  const expected = readSize(delta, 0);
  const result = readSize(delta, expected.end);
  if (expected.value !== base.length) throw new RangeError('A delta is for another base.');
  const target = Buffer.allocUnsafe(result.value);
  let at = result.end;
  let written = 0;
  while (at < delta.length) {
    const code = delta.readUInt8(at++);
    let length = code;
    if (code & 0x80) {
      let start = 0;
      length = 0;
      for (let bit = 0; bit < 4; bit += 1) if (code & (1 << bit)) start += delta.readUInt8(at++) * 256 ** bit;
      for (let bit = 0; bit < 3; bit += 1) if (code & (16 << bit)) length += delta.readUInt8(at++) * 256 ** bit;
      length ||= 0x10000;
      if (start + length > base.length) throw new RangeError('A delta copies from beyond its base.');
      base.copy(target, written, start, start + length);
    } else {
      if (code === 0 || at + length > delta.length) throw new RangeError('A delta is damaged.');
      delta.copy(target, written, at, at + length);
      at += length;
    }
    written += length;
    if (written > target.length) throw new RangeError('A delta makes more than it says.');
  }
  if (written !== target.length) throw new RangeError('A delta makes less than it says.');
  return target;
}

function readSize(bytes: Buffer, start: number): { value: number; end: number } {
  let value = 0;
  let at = start;
  for (let factor = 1; ; factor *= 128) {
    const byte = bytes.readUInt8(at++);
    value += (byte & 0x7f) * factor;
    if (!Number.isSafeInteger(value)) throw new RangeError('A delta tells of an impossible size.');
    if (!(byte & 0x80)) return { value, end: at };
  }
}
