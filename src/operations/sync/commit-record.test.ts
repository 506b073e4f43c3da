import { expect, it } from 'vitest';
import { writeMessage } from '../../domain/commit-message.js';
import { originTrailers, recordedTime, readRecord } from './commit-record.js';

it.each([
  [null, '2026-03-14T09:26:53.000Z'],
  ['2026-03-14T09:26:53.589Z', '2026-03-14T09:26:53.589Z'],
  ['2026-03-14T09:26:54.000Z', '2026-03-14T09:26:53.000Z'],
  ['2026-03-14T09:26:52.999Z', '2026-03-14T09:26:53.000Z'],
  ['2036-03-14T09:26:53.589Z', '2026-03-14T09:26:53.000Z'],
])('what is recorded at %s is dated by its commit, to the second, and by the record within it', (at, time) => {
  const author = { name: 'ada', email: 'ada@example.com', timestamp: 1773480413, timezoneOffset: 0 };
  expect(recordedTime(author, at === null ? null : new Date(at)).toISOString()).toBe(time);
});

it.each([
  ['nf/core', {}],
  ['nf/core', { fromGit: true } as const],
  ['with space', { fromGit: true } as const],
  ['', {}],
  ['', { fromGit: true } as const],
])('an upstream in "%s" reads as it was written, with %o', (directory, mark) => {
  const place = { url: 'https://host/x.git', directory, ref: 'v1' };
  const upstream = { ...place, commit: 'a'.repeat(40), tree: 'b'.repeat(40), ...mark };
  const trailers = originTrailers({ source: { type: 'clone' }, upstream });
  expect(readRecord(writeMessage({ subject: 'x', trailers })).upstream).toEqual(upstream);
});
