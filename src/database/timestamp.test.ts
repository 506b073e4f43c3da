import fc from 'fast-check';
import pg from 'pg';
import { expect, it } from 'vitest';
import { parseTimestamp } from './timestamp.js';

const parseAny = pg.types.getTypeParser(pg.types.builtins.TIMESTAMPTZ);

it.each([
  '2026-03-14 09:26:53+00',
  '2026-03-14 09:26:53.5+00',
  '2026-03-14 09:26:53.589+00',
  '2026-03-14 09:26:53.589123+00',
  '2026-03-14 09:26:53.589+05:30',
  '0001-01-01 00:00:00+00',
  '12026-03-14 09:26:53+00',
  '0044-03-15 12:00:00+00 BC',
])('reads %s as pg does', (text) => {
  expect(parseTimestamp(text)).toEqual(parseAny(text));
});

it('reads every moment of milliseconds back', () => {
  const moments = fc.date({
    min: new Date('0001-01-01T00:00:00Z'),
    max: new Date('9999-12-31T00:00:00Z'),
    noInvalidDate: true,
  });
  fc.assert(
    fc.property(moments, (moment) => {
      const written = moment
        .toISOString()
        .replace('T', ' ')
        .replace(/\.?0*Z$/, '+00');
      expect(parseTimestamp(written)).toEqual(moment);
    }),
  );
});
