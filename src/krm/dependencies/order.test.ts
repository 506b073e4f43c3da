import { describe, expect, it } from 'vitest';
import { ordered } from './order.js';

const of = (edges: Record<string, string[]>) => ordered(Object.keys(edges), new Map(Object.entries(edges)));

describe('an order of packages', () => {
  it('has each behind what it needs, and else as they came', () => {
    expect(of({ a: ['c'], b: [], c: ['d'], d: [] })).toEqual({ order: ['d', 'c', 'a', 'b'], cycles: [] });
    expect(of({ a: [], b: [] })).toEqual({ order: ['a', 'b'], cycles: [] });
  });

  it('names cycles, and keeps them together', () => {
    expect(of({ a: ['b'], b: ['c'], c: ['a', 'd'], d: [] })).toEqual({
      order: ['d', 'a', 'b', 'c'],
      cycles: [['a', 'b', 'c']],
    });
    expect(of({ a: ['b'], b: ['a'], c: ['d'], d: ['c'] }).cycles).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
  });

  it('takes a chain of any length', () => {
    const ids = Array.from({ length: 20_000 }, (_, at) => String(at));
    const { order } = ordered(ids, new Map(ids.slice(0, -1).map((id, at) => [id, [String(at + 1)]])));
    expect(order).toEqual(ids.toReversed());
  });
});
