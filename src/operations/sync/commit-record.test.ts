import { expect, it } from 'vitest';
import { publicationTime } from './commit-record.js';

it.each([
  [null, '2026-03-14T09:26:53.000Z'],
  ['2026-03-14T09:26:53.589Z', '2026-03-14T09:26:53.589Z'],
  ['2026-03-14T09:26:54.000Z', '2026-03-14T09:26:53.000Z'],
  ['2026-03-14T09:26:52.999Z', '2026-03-14T09:26:53.000Z'],
  ['2036-03-14T09:26:53.589Z', '2026-03-14T09:26:53.000Z'],
])('a publication recorded at %s is dated by its commit, to the second, and by the record within it', (at, time) => {
  const author = { name: 'ada', email: 'ada@example.com', timestamp: 1773480413, timezoneOffset: 0 };
  expect(publicationTime(author, { publishedAt: at === null ? null : new Date(at) }).toISOString()).toBe(time);
});
