import { afterEach, beforeEach, expect, it } from 'vitest';
import { StoredMetricSources } from '../../src/health/metric-sources.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { addRepository } from '../support/index-rows.js';

let test: TestDatabase;
let sources: StoredMetricSources;
beforeEach(async () => {
  test = await createTestDatabase();
  // These read nothing but the database.
  const none = undefined as never;
  sources = new StoredMetricSources(test.database, none, none, none);
});
afterEach(() => test.drop());

const ago = (seconds: number) => new Date(Date.now() - seconds * 1000);
const addPolled = (name: string, polling: { nextSyncAt: Date; lastSyncedAt: Date | null; blockedUntil?: Date }) =>
  addRepository(test.database, { name, createdAt: ago(5_000), polling: { create: polling } });
/** A minute is more than a test takes. */
const about = (seconds: number, found: number | null | undefined) => {
  expect(found).toBeGreaterThanOrEqual(seconds);
  expect(found).toBeLessThan(seconds + 60);
};

it('tell how long ago each repository was read, the longest first, and one that never was since it came', async () => {
  expect(await sources.oldestSyncSeconds()).toBeNull();
  expect(await sources.longestUnsynced()).toEqual([]);
  const soon = ago(-600);
  await addPolled('fresh', { nextSyncAt: soon, lastSyncedAt: ago(100) });
  await addPolled('never', { nextSyncAt: soon, lastSyncedAt: null });
  await addPolled('daily', { nextSyncAt: soon, lastSyncedAt: ago(80_000) });
  const found = await sources.longestUnsynced();
  expect(found.map(({ repository }) => repository)).toEqual(['daily', 'never', 'fresh']);
  for (const [index, seconds] of [80_000, 5_000, 100].entries()) about(seconds, found[index]?.seconds);
  about(80_000, await sources.oldestSyncSeconds());
});

it('name no more than fifty repositories', async () => {
  for (let index = 0; index < 51; index += 1) {
    await addPolled(`r${index}`, { nextSyncAt: new Date(), lastSyncedAt: ago(1_000 * (60 - index)) });
  }
  const found = await sources.longestUnsynced();
  expect(found).toHaveLength(50);
  expect(found.map(({ repository }) => repository)).not.toContain('r50');
});

it('tell how long the poll waits that was to be made first: by when it was due, and when it might be', async () => {
  expect(await sources.overdueSyncSeconds()).toBe(0);
  await addPolled('later', { nextSyncAt: ago(-600), lastSyncedAt: ago(80_000) });
  expect(await sources.overdueSyncSeconds()).toBe(0);
  await addPolled('due', { nextSyncAt: ago(300), lastSyncedAt: ago(900) });
  about(300, await sources.overdueSyncSeconds());
  await addPolled('put-off', { nextSyncAt: ago(7_000), lastSyncedAt: ago(9_000), blockedUntil: ago(400) });
  about(400, await sources.overdueSyncSeconds());
  // One that is put off until later is not late.
  await addPolled('blocked', { nextSyncAt: ago(7_000), lastSyncedAt: ago(9_000), blockedUntil: ago(-600) });
  about(400, await sources.overdueSyncSeconds());
});
