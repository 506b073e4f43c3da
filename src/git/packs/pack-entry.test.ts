import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyDelta, decodeEntryHead, deltaResultSize } from './pack-entry.js';

const varint = (value: number): number[] =>
  value < 128 ? [value] : [(value % 128) | 0x80, ...varint(Math.floor(value / 128))];

/** A delta of literal bytes and copies, as the format describes it. */
function delta(base: number, result: number, steps: ({ copy: [number, number] } | { add: Buffer })[]): Buffer {
  const bytes = [...varint(base), ...varint(result)];
  for (const step of steps) {
    if ('add' in step) bytes.push(step.add.length, ...step.add);
    else {
      const [start, length] = step.copy;
      bytes.push(0b1111_1111, ...[0, 8, 16, 24].map((bit) => (start >>> bit) & 0xff));
      bytes.push(...[0, 8, 16].map((bit) => (length >>> bit) & 0xff));
    }
  }
  return Buffer.from(bytes);
}

describe('applyDelta', () => {
  it('copies from the base and adds bytes', () => {
    const base = Buffer.from('hello, world');
    const made = delta(12, 11, [{ copy: [7, 5] }, { add: Buffer.from('!') }, { copy: [0, 5] }]);
    expect(applyDelta(base, made).toString()).toBe('world!hello');
    expect(deltaResultSize(made)).toBe(11);
  });

  it('leaves out zero bytes of numbers, and takes a length of 0 for 64 KiB', () => {
    const base = Buffer.alloc(0x10000, 'x');
    expect(applyDelta(base, Buffer.from([...varint(0x10000), ...varint(0x10000), 0x80]))).toEqual(base);
  });

  it('refuses what does not fit, and never hangs or reads elsewhere', () => {
    const base = Buffer.from('abc');
    const bad = [
      delta(4, 1, [{ add: Buffer.from('x') }]),
      delta(3, 2, [{ add: Buffer.from('x') }]),
      delta(3, 1, [{ add: Buffer.from('xy') }]),
      delta(3, 4, [{ copy: [1, 4] }]),
      Buffer.from([3, 1, 0]),
      Buffer.from([3, 5, 5, 1]),
      Buffer.from([]),
      Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]),
    ];
    for (const one of bad) expect(() => applyDelta(base, one)).toThrow(RangeError);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        try {
          applyDelta(base, Buffer.from([3, ...bytes]));
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
    );
  });
});

describe('decodeEntryHead', () => {
  it('reads the type, a size of any length and both kinds of base', () => {
    expect(decodeEntryHead(Buffer.from([0x35]), 12)).toMatchObject({
      type: 'blob',
      size: 5,
      dataOffset: 13,
      base: null,
    });
    expect(decodeEntryHead(Buffer.from([0x95, 0x81, 0x01]), 12)).toMatchObject({
      type: 'commit',
      size: 5 + 16 + 16 * 128,
    });
    expect(decodeEntryHead(Buffer.from([0x61, 0x80, 0x00]), 500)).toMatchObject({ type: null, base: 500 - 128 });
    const named = Buffer.concat([Buffer.from([0x71]), Buffer.alloc(20, 0xab)]);
    expect(decodeEntryHead(named, 12)).toMatchObject({ base: 'ab'.repeat(20), dataOffset: 33 });
  });

  it.each([
    ['an unknown type', [0x05]],
    ['a base before the pack', [0x61, 0x7f]],
    ['itself as its base', [0x61, 0x00]],
    ['no end', [0xff, 0xff]],
    ['an impossible size', [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]],
  ])('refuses %s', (_, bytes) => {
    expect(() => decodeEntryHead(Buffer.from(bytes), 20)).toThrow(RangeError);
  });
});
