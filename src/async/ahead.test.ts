import { describe, expect, it } from 'vitest';
import { ahead } from './ahead.js';

describe('ahead', () => {
  it('gives results in the order of the items, with so many under way', async () => {
    const begun: number[] = [];
    const seen: [number, number, boolean][] = [];
    const work = async (item: number) => {
      begun.push(item);
      await new Promise((resolve) => setTimeout(resolve, item === 1 ? 20 : 1));
      return item * 10;
    };
    for await (const { item, result, isLast } of ahead([1, 2, 3, 4, 5], 2, work)) {
      expect(begun.length).toBe(Math.min(item + 2, 5));
      seen.push([item, result, isLast]);
    }
    expect(seen).toEqual([1, 2, 3, 4, 5].map((item) => [item, item * 10, item === 5]));
  });

  it('leaves nothing under way when it is left, or fails', async () => {
    let underWay = 0;
    const work = async (item: number) => {
      underWay += 1;
      await new Promise((resolve) => setTimeout(resolve, 5 * item));
      underWay -= 1;
      if (item === 2) throw new Error('two');
      return item;
    };
    for await (const { item } of ahead([1, 3, 4], 2, work)) if (item === 1) break;
    expect(underWay).toBe(0);
    const all = async () => {
      for await (const _ of ahead([1, 2, 3, 4], 2, work));
    };
    await expect(all()).rejects.toThrow('two');
    expect(underWay).toBe(0);
  });
});
