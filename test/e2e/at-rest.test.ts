import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { startProcess, type PkgserverProcess } from '../support/process.js';

/** After so long at rest the longest pauses are reached. */
const REST_SECONDS = 32;
/** The longest pause between two looks: each of them falls into it once. */
const SECONDS = 30;
/** One look a second at all that may be due, and what the queue looks at by itself. */
const MOST_PER_SECOND = 2;

let test: TestDatabase;
let folder: string;
let service: PkgserverProcess;
beforeAll(async () => {
  test = await createTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'pkgserver-rest-'));
  service = await startProcess({ DATABASE_URL: test.url, DATA_DIR: folder });
});
afterAll(async () => {
  await service?.stop();
  await test?.drop();
  await rm(folder, { recursive: true, force: true });
});

it('a process with nothing to do, its queue on PostgreSQL, makes next to no transactions', async () => {
  // On a database of its own, so that it does not count itself.
  const watcher = new pg.Client(inject('databaseServer'));
  await watcher.connect();
  const commits = async () => {
    const { rows } = await watcher.query<{ commits: string }>(
      'SELECT xact_commit AS commits FROM pg_stat_database WHERE datname = $1',
      [new URL(test.url).pathname.slice(1)],
    );
    return Number(rows[0]?.commits);
  };
  // The pauses grow meanwhile, and what was done at the start is counted: sessions tell of that some seconds later.
  await pause(REST_SECONDS * 1_000);
  const before = await commits();
  await pause(SECONDS * 1_000);
  const perSecond = ((await commits()) - before) / SECONDS;
  await watcher.end();
  expect(perSecond).toBeGreaterThan(0);
  expect(perSecond).toBeLessThan(MOST_PER_SECOND);
}, 120_000);
