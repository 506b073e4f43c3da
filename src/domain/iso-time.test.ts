import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isoTime } from './iso-time.js';

it('writes every time as toISOString does', () => {
  fc.assert(
    fc.property(fc.date({ noInvalidDate: true }), (time) => {
      expect(isoTime(time)).toBe(time.toISOString());
    }),
  );
});

it('writes times around the end of a day, one after the other', () => {
  const midnight = Date.UTC(2026, 2, 14);
  for (const time of [midnight - 1, midnight, midnight + 1, midnight - 86_400_000, midnight, -1, 0, -86_400_000]) {
    expect(isoTime(new Date(time))).toBe(new Date(time).toISOString());
  }
});

it('refuses what is no time, as toISOString does', () => {
  expect(() => isoTime(new Date(Number.NaN))).toThrow(RangeError);
});
