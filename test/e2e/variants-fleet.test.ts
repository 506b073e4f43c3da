import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { deployWeb, publishWeb } from '../support/deployments.js';
import { GitFixture } from '../support/git-fixture.js';
import { GitServer } from '../support/git-server.js';
import { type PkgserverProcess, startProcess } from '../support/process.js';
import { Steps } from '../support/steps.js';
import type { Body } from '../support/variant-world.js';

/** The whole size: VARIANTS=1000 VARIANT_REPOSITORIES=10. */
const COUNT = Number(process.env.VARIANTS ?? 60);
const REPOSITORIES = Number(process.env.VARIANT_REPOSITORIES ?? 3);
/** Kills of a worker while the drafts are made; with none, the time that they take is one of the service. */
const KILLS = Number(process.env.VARIANT_KILLS ?? 3);
const CONFLICTING = 5;
const targets = Array.from({ length: COUNT }, (_, index) => `t${String(index).padStart(4, '0')}`);

let git: GitServer;
let test: TestDatabase;
let dataDir: string;
let steps: Steps;
let api: PkgserverProcess;
let first: { id: string; commit: string };
const workers: PkgserverProcess[] = [];

const start = (role: 'api' | 'worker') =>
  startProcess({
    ...{ ROLE: role, DATABASE_URL: test.url, DATA_DIR: join(dataDir, `${role}-${workers.length}`) },
    CREDENTIALS_KEY: Buffer.alloc(32, 7).toString('base64'),
    ...{ LEASE_SECONDS: '3', SWEEP_INTERVAL_MS: '100', SYNC_INTERVAL_SECONDS: '3600' },
  });

beforeAll(async () => {
  [git, test] = [await GitServer.start(), await createTestDatabase()];
  dataDir = await mkdtemp(join(tmpdir(), 'pkgserver-variants-'));
  api = await start('api');
  for (let count = 0; count < 2; count += 1) workers.push(await start('worker'));
  steps = new Steps(api.url);
  const { url } = await git.createRepository('blueprints');
  const catalog = await steps.register({ name: 'blueprints', url });
  first = await publishWeb(steps, catalog, 1);
  const { packageId } = await steps.revision(first.id);
  for (let index = 0; index < REPOSITORIES; index += 1) {
    const own = targets.filter((_, at) => at % REPOSITORIES === index);
    const fleet = await git.createRepository(`fleet-${index}`);
    const conflicting = index < CONFLICTING ? `${own[0]}/web` : undefined;
    const folders = own.map((target) => `${target}/web`);
    await deployWeb(GitFixture.create(fleet.path), folders, { repo: url, commit: first.commit, conflicting });
    const repositoryId = await steps.register({ name: `fleet-${index}`, url: fleet.url, deployment: true });
    await steps.expect(201, 'POST', '/variant-sets', {
      ...{ name: `web-${index}`, targets: { names: own }, upstream: { packageId }, adoption: 'adopt' },
      downstream: { repositoryId, package: 'web' },
    });
  }
  await settled(300);
}, 600_000);
afterAll(async () => {
  await Promise.all([api, ...workers].map((process) => process?.kill()));
  await test?.drop();
  await git?.stop();
  await rm(dataDir, { recursive: true, force: true });
}, 60_000);

/** Until every event was looked at, nothing is due, and every draft is on its remote. */
async function settled(seconds: number): Promise<void> {
  const isSettled = async () => {
    const [row] = await test.database.client.$queryRaw<{ settled: boolean }[]>`
      SELECT NOT EXISTS (SELECT 1 FROM event_pending) AND n.last = c.position
        AND NOT EXISTS (SELECT 1 FROM variant WHERE due_at <= now()) AND NOT EXISTS (SELECT 1 FROM variant_set WHERE due_at <= now())
        AND NOT EXISTS (SELECT 1 FROM operation WHERE state IN ('queued', 'running')) AS settled
      FROM event_numbers n, variant_cursor c`;
    return row?.settled;
  };
  const look = async () => expect(await isSettled()).toBe(true);
  await vi.waitFor(look, { timeout: seconds * 1_000, interval: 100 });
}

const drafts = () => test.database.client.packageRevision.count({ where: { lifecycle: 'draft' } });

async function listed(state: string): Promise<Body[]> {
  const found: Body[] = [];
  for (let cursor = ''; ;) {
    const { body } = await steps.expect(200, 'GET', `/variants?state=${state}&pageSize=500${cursor}`);
    found.push(...(body.items as Body[]));
    if (body.nextCursor === null) return found;
    cursor = `&cursor=${encodeURIComponent(body.nextCursor as string)}`;
  }
}

it('has a draft of each after a new revision, one of each, whatever is killed; those in conflict by their names', async () => {
  expect(await drafts(), 'what was adopted is as it should be').toBe(0);
  expect(await listed('upToDate')).toHaveLength(COUNT);
  await publishWeb(steps, (await steps.revision(first.id)).repositoryId as string, 2, first.id);
  const begun = performance.now();
  let kills = 0;
  // On a busy machine one worker makes all drafts while the other one starts.
  for (let before = 0; kills < KILLS && before < COUNT; before = await drafts()) {
    await expect.poll(drafts, { timeout: 60_000, interval: 20 }).toBeGreaterThan(before);
    await workers[kills % workers.length]?.kill();
    workers[kills % workers.length] = await start('worker');
    await sleep(50);
    kills += 1;
  }
  expect(kills).toBeGreaterThanOrEqual(Math.min(KILLS, 1));
  await settled(600);
  const seconds = (performance.now() - begun) / 1_000;
  if (KILLS === 0) console.log(`${COUNT} drafts of variants on ${REPOSITORIES} remotes in ${seconds.toFixed(1)} s`);

  const conflicted = await listed('conflicted');
  const torn = Math.min(CONFLICTING, REPOSITORIES);
  expect(conflicted.map(({ name }) => name as string)).toEqual(
    Array.from({ length: torn }, (_, index) => `web-${index}/${targets[index]}`),
  );
  const made = await listed('drafted');
  expect(made).toHaveLength(COUNT - torn);
  expect(await drafts()).toBe(COUNT);
  const rows = await test.database.client.packageRevision.findMany({ where: { lifecycle: 'draft' } });
  expect(new Set(rows.map(({ packageId }) => packageId)).size, 'one of each package').toBe(COUNT);
  expect(rows.every(({ gitState }) => gitState === 'synced')).toBe(true);
  // What is alike comes out alike: five kinds, but for the names in their Kptfiles.
  const [some] = made;
  const { body } = await steps.expect(200, 'GET', `/package-revisions/${some?.draftId}/resources`);
  expect(body.files['web.yaml'].content).toMatch(/replicas: \d # by hand\n[^]*image: web:2\n/);

  const before = rows.map(({ id, tree, version }) => `${id} ${tree} ${version}`).sort();
  await test.database.client.variant.updateMany({ data: { dueAt: new Date() } });
  await settled(300);
  const after = await test.database.client.packageRevision.findMany({ where: { lifecycle: 'draft' } });
  expect(after.map(({ id, tree, version }) => `${id} ${tree} ${version}`).sort(), 'again nothing').toEqual(before);
}, 900_000);
