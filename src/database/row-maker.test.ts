import { expect, it } from 'vitest';
import { rowMaker } from './row-maker.js';

it('names each value after its column', () => {
  expect(rowMaker(['id', 'repositoryId', '?column?', 'a "name"'])([1, null, 'x', undefined])).toEqual({
    id: 1,
    repositoryId: null,
    '?column?': 'x',
    'a "name"': undefined,
  });
});

it('keeps apart what has other columns, or the same in another order', () => {
  expect(rowMaker(['a', 'b'])([1, 2])).toEqual({ a: 1, b: 2 });
  expect(rowMaker(['b', 'a'])([1, 2])).toEqual({ b: 1, a: 2 });
  expect(rowMaker(['a'])([1])).toEqual({ a: 1 });
});

it('makes a new row each time, and runs nothing that a name says', () => {
  const make = rowMaker(['"]: globalThis.ran = 1, ["x']);
  expect(make([1])).not.toBe(make([1]));
  expect(make([1])).toEqual({ '"]: globalThis.ran = 1, ["x': 1 });
  expect('ran' in globalThis).toBe(false);
});
