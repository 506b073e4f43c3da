import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { uuidv7 } from '../../src/domain/uuid.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { addRepository } from '../support/index-rows.js';
import { startProcess } from '../support/process.js';

const PACKAGES = 5_000;
const UPSTREAM = uuidv7();

let test: TestDatabase;
let dataDir: string;
beforeAll(async () => {
  test = await createTestDatabase();
  dataDir = await mkdtemp(join(tmpdir(), 'pkgserver-news-'));
  const fleet = await addRepository(test.database, { name: 'fleet', deployment: true });
  const { client } = test.database;
  // As a publication has left it: a newer version, of which nobody was told yet.
  await client.upstreamPin.create({
    data: {
      ...{ id: UPSTREAM, url: 'https://git.example.com/catalog.git', directory: 'core', ref: 'core/v1', commit: 'c1' },
      ...{ urlKey: 'git.example.com/catalog', state: 'behind', behind: 1, newestId: uuidv7(), newestRevision: 'v2' },
      ...{ versionKey: '1', toldKey: '1', newestKey: '2' },
    },
  });
  await client.$executeRaw`
    INSERT INTO package (id, repository_id, path, realm, name, head_tree, upstream_id, created_at, updated_at)
    SELECT gen_random_uuid(), ${fleet.id}::uuid, 'core-' || n, '', 'core-' || n, 'x', ${UPSTREAM}::uuid, now(), now()
    FROM generate_series(1, ${PACKAGES}::int) n`;
  await client.operation.create({
    data: {
      ...{ id: uuidv7(), kind: 'upstreams', state: 'queued', target: {}, payload: { dueOnly: true } },
      ...{ requestedBy: 'ada', createdAt: new Date() },
    },
  });
});
afterAll(async () => {
  await test?.drop();
  await rm(dataDir, { recursive: true, force: true });
});

const told = async (): Promise<number> => {
  const [row] = await test.database.client.$queryRaw<{ count: number }[]>`
    SELECT count(*)::int AS count FROM (
      SELECT id FROM event WHERE type = 'package.upstreamBehind'
      UNION SELECT id FROM event_pending WHERE type = 'package.upstreamBehind') e`;
  return row?.count ?? 0;
};

it('tells each package exactly once, though its worker is killed again and again', async () => {
  const settings = { DATABASE_URL: test.url, DATA_DIR: dataDir, LEASE_SECONDS: '1', SWEEP_INTERVAL_MS: '50' };
  for (let kills = 0, last = 0; kills < 3; kills += 1) {
    const killed = await startProcess(settings);
    const before = last;
    await expect.poll(told, { interval: 5, timeout: 20_000 }).toBeGreaterThan(before);
    await killed.kill();
    last = await told();
    expect(last).toBeLessThan(PACKAGES);
    expect(last % 200, 'a step is whole or not at all').toBe(0);
  }
  const process = await startProcess(settings);
  const { client } = test.database;
  await expect
    .poll(() => client.operation.count({ where: { kind: 'upstreams', state: 'succeeded' } }), { timeout: 20_000 })
    .toBe(1);
  await expect.poll(() => client.eventPending.count(), { timeout: 20_000 }).toBe(0);
  await process.stop();
  const events = await client.event.findMany({ where: { type: 'package.upstreamBehind' }, select: { path: true } });
  expect(events).toHaveLength(PACKAGES);
  expect(new Set(events.map(({ path }) => path)).size).toBe(PACKAGES);
  expect(await client.upstreamPin.findUnique({ where: { id: UPSTREAM } })).toMatchObject({ toldKey: '2' });
}, 120_000);
