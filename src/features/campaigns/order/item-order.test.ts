import { expect, it } from 'vitest';
import { itemOrder } from './item-order.js';

const of = (items: Record<string, [wave: number, ...behind: string[]]>) =>
  Object.fromEntries(
    [...itemOrder(Object.entries(items).map(([id, [wave, ...behind]]) => ({ id, wave, behind })))].map(
      ([id, needed]) => [id, needed.map((each) => `${each.id} ${each.order}`)],
    ),
  );

it('orders an item behind those of its wave and of waves before', () => {
  expect(of({ a: [0], b: [0, 'a'], c: [1, 'a', 'b'] })).toEqual({ b: ['a ordered'], c: ['a ordered', 'b ordered'] });
});

it('says what comes in a later wave, and knows only items', () => {
  expect(of({ a: [0, 'b', 'elsewhere', 'a'], b: [1] })).toEqual({ a: ['b laterWave'] });
});

it('orders no cycle, but what goes behind one, and takes waves for an order', () => {
  expect(of({ a: [0, 'b'], b: [0, 'a'], c: [0, 'a'] })).toEqual({ a: ['b cycle'], b: ['a cycle'], c: ['a ordered'] });
  expect(of({ a: [0, 'b'], b: [1, 'a'] })).toEqual({ a: ['b laterWave'], b: ['a ordered'] });
});
