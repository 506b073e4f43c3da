import { describe, expect, it } from 'vitest';
import { pauseSeconds, readRetryAfter } from './retries.js';

const HOUR = 3_600;

describe('pauseSeconds', () => {
  it('grows from five seconds to a day, and ends', () => {
    const pauses = Array.from({ length: 10 }, (_, index) => pauseSeconds(index + 1, 0, 0));
    expect(pauses).toEqual([5, 300, 1_800, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR, null]);
  });

  it('spreads', () => {
    expect(pauseSeconds(1, 0, 1)).toBe(6);
    expect(pauseSeconds(2, 0, 0.5)).toBe(330);
  });

  it('is no shorter than the receiver asks for, within a day', () => {
    expect(pauseSeconds(1, 60, 0)).toBe(60);
    expect(pauseSeconds(3, 60, 0)).toBe(1_800);
    expect(pauseSeconds(1, 1e9, 0)).toBe(24 * HOUR);
  });
});

describe('readRetryAfter', () => {
  it.each([
    ['120', 120],
    ['Thu, 01 Jan 1970 00:01:00 GMT', 60],
    ['soon', 0],
    [undefined, 0],
    [['1', '2'], 0],
  ])('reads %s', (header, seconds) => expect(readRetryAfter(header, 0)).toBe(seconds));
});
