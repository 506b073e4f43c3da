import { expect, it } from 'vitest';
import { type Part, segmentsOf, wordsOf } from './segments.js';

const part = (label: string, count: number): Part => ({ label, count, tone: 'quiet' });

it('fills the bar in order, without gaps, and leaves nothing too small to be seen', () => {
  const segments = segmentsOf([part('a', 4990), part('none', 0), part('b', 1), part('c', 9)]);
  expect(segments.map(({ label }) => label)).toEqual(['a', 'b', 'c']);
  expect(segments.map(({ share }) => share)).toEqual([99.8, 0.02, 0.18]);
  let end = 0;
  for (const { from, width } of segments) {
    expect(from).toBeCloseTo(end, 8);
    expect(width).toBeGreaterThanOrEqual(1.5);
    end = from + width;
  }
  expect(end).toBeCloseTo(100, 8);
  expect(segmentsOf([part('a', 1), part('b', 3)]).map(({ width }) => width)).toEqual([25, 75]);
  expect(segmentsOf([part('a', 0)])).toEqual([]);
});

it('says the same in words', () => {
  expect(wordsOf([part('v2', 2), part('v1', 1), part('other', 0)])).toBe('3 packages: v2 2 (67 %), v1 1 (33 %).');
  expect(wordsOf([part('v2', 1)])).toBe('1 package: v2 1 (100 %).');
  expect(wordsOf([])).toBe('No packages.');
});
