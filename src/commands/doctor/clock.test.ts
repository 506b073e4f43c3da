import { expect, it } from 'vitest';
import { compareClocks } from './clock.js';

it.each([
  [0, 'ok'],
  [5_000, 'ok'],
  [-5_000, 'ok'],
  [5_001, 'warning'],
  [-5_001, 'warning'],
  [60_000, 'warning'],
  [60_001, 'failed'],
  [-60_001, 'failed'],
])('a clock that is %d ms off is %s', (off, status) => {
  expect(compareClocks('theirs', 1_000_000 + off, 1_000_000, 1_000_000).status).toBe(status);
});

it('puts nothing down to a clock that the way of the answer can have taken', () => {
  expect(compareClocks('theirs', 1_030_000, 1_000_000, 1_060_000).found).toContain('differ by 0.0 s');
});
