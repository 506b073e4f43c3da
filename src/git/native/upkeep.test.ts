import fc from 'fast-check';
import { expect, it } from 'vitest';
import { smallOnes } from './upkeep.js';

const sizesOf = (packs: readonly { size: number }[]) => packs.map(({ size }) => size);

it('leaves packs of which each is twice as large as all smaller ones together', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 1_000_000 })), (sizes) => {
      const packs = sizes.map((size, index) => ({ name: String(index), size }));
      const merged = new Set(smallOnes(packs));
      const left = sizesOf(packs.filter(({ name }) => !merged.has(name))).sort((a, b) => a - b);
      let sum = sizesOf(packs.filter(({ name }) => merged.has(name))).reduce((total, size) => total + size, 0);
      for (const size of left) {
        expect(size).toBeGreaterThanOrEqual(2 * sum);
        sum += size;
      }
    }),
  );
});

it('does not touch a large pack for a few small ones', () => {
  const small = Array.from({ length: 9 }, (_, index) => ({ name: `s${index}`, size: 10 }));
  expect(smallOnes([...small, { name: 'large', size: 1000 }]).sort()).toEqual(small.map(({ name }) => name));
});
