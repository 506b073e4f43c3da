import { randomBytes } from 'node:crypto';
import { inflateSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { compress, encodePack, type PackedObject } from './pack-writer.js';

it.each([0, 1, 300, 5_000, 32 * 1024 - 1, 40_000])(
  'holds, for %i bytes that were compressed, no more memory than they took',
  async (length) => {
    const bytes = randomBytes(length);
    const compressed = await compress(bytes);
    expect(inflateSync(compressed)).toEqual(bytes);
    // Small buffers share one of 8 KiB.
    expect(compressed.buffer.byteLength).toBeLessThanOrEqual(Math.max(8 * 1024, length * 1.5));
  },
);

it('lets others have their turn while it writes a large pack', async () => {
  const objects = async function* (): AsyncGenerator<PackedObject & { oid: string }> {
    for (let number = 0; number < 1_000; number += 1) {
      yield { oid: String(number), type: 'blob', content: Buffer.from(`file ${number}`) };
    }
  };
  let others = 0;
  const other = () => {
    others += 1;
    turn = setImmediate(other);
  };
  let turn = setImmediate(other);
  await encodePack(objects(), 1_000);
  clearImmediate(turn);
  expect(others).toBeGreaterThanOrEqual(4);
});
