import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstUuidAt, timeOf, uuidv7 } from './uuid.js';

const LAST = 2 ** 48 - 1;

describe('the time in a UUID', () => {
  it('is when it was made, also of thousands at once', () => {
    const now = Date.now();
    const times = Array.from({ length: 10_000 }, () => timeOf(uuidv7(now)).getTime());
    expect(times.every((time) => time >= now && time < now + 60_000)).toBe(true);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  it('bounds those made from then on', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: LAST }), fc.integer({ min: 0, max: LAST }), (a, b) => {
        const bound = firstUuidAt(new Date(a));
        expect(timeOf(bound).getTime()).toBe(a);
        expect(firstUuidAt(new Date(b)) >= bound).toBe(b >= a);
      }),
    );
    const made = uuidv7();
    expect(made >= firstUuidAt(timeOf(made))).toBe(true);
    expect(made < firstUuidAt(new Date(timeOf(made).getTime() + 1))).toBe(true);
  });
});
