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

  it('is where RFC 9562 has it, beside the version, the variant and what is random', () => {
    const made = Array.from({ length: 10_000 }, () => uuidv7());
    expect(
      made.filter((id) => !/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id)),
    ).toEqual([]);
    expect(new Set(made.map((id) => id.slice(19))).size).toBe(made.length);
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
