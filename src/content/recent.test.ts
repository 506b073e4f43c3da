import { expect, it } from 'vitest';
import { Recent } from './recent.js';

it('what was not asked for the longest goes first, by weight', () => {
  const recent = new Recent<string>(10);
  recent.set('a', 'A', 4);
  recent.set('b', 'B', 4);
  expect(recent.get('a')).toBe('A');
  recent.set('c', 'C', 4);
  expect(['a', 'b', 'c'].map((key) => recent.get(key))).toEqual(['A', undefined, 'C']);
  recent.set('c', 'D', 10);
  expect(['a', 'c'].map((key) => recent.get(key))).toEqual([undefined, 'D']);
  recent.set('e', 'E', 11);
  expect(['c', 'e'].map((key) => recent.get(key))).toEqual([undefined, undefined]);
});
