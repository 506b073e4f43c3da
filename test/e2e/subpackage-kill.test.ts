import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { GitFixture } from '../support/git-fixture.js';
import { GitServer } from '../support/git-server.js';
import type { Body } from '../support/http-client.js';
import { type PkgserverProcess, startProcess } from '../support/process.js';
import { configMap, Steps } from '../support/steps.js';

interface Change {
  method: string;
  path: string;
  body: object;
  /** Files of the draft that the change leaves behind, by their paths. */
  leaves: Record<string, string>;
}

/**
 * kill -9 of the process that puts a subpackage into a draft, or upgrades one: while its transaction waits with the draft
 * changed in it, and right after the commit, before any worker has begun the push.
 */
describe('kill -9 around a change of a subpackage', () => {
  let git: GitServer;
  let test: TestDatabase;
  let dataDir: string;
  let fleet: GitFixture;
  let api: PkgserverProcess;
  let steps: Steps;
  let blueprint: string;
  let fleetId: string;
  let count = 0;
  /** Drafts that are pushed: without the subpackage, and with it. */
  const empty: string[] = [];
  const composed: string[] = [];
  const start = (role: 'api' | 'worker') =>
    startProcess({
      ROLE: role,
      DATABASE_URL: test.url,
      DATA_DIR: join(dataDir, role),
      CREDENTIALS_KEY: Buffer.alloc(32, 7).toString('base64'),
      LEASE_SECONDS: '1',
      SWEEP_INTERVAL_MS: '100',
      SYNC_INTERVAL_SECONDS: '3600',
    });
  const startApi = async () => {
    api = await start('api');
    steps = new Steps(api.url);
  };
  /** Has a worker do what there is to do. */
  async function working<Result>(work: () => Promise<Result>): Promise<Result> {
    const worker = await start('worker');
    try {
      return await work();
    } finally {
      await worker.stop();
    }
  }

  beforeAll(async () => {
    git = await GitServer.start();
    test = await createTestDatabase();
    dataDir = await mkdtemp(join(tmpdir(), 'pkgserver-subpackage-kill-'));
    await startApi();
    const own = await git.createRepository('fleet');
    fleet = GitFixture.create(own.path);
    await working(async () => {
      const catalog = await steps.register({ name: 'catalog', url: (await git.createRepository('catalog')).url });
      fleetId = await steps.register({ name: 'fleet', url: own.url });
      blueprint = await steps.draft(catalog, 'db', 'one');
      await steps.publish(blueprint);
      const next = await steps.copy(catalog, blueprint, 'two');
      await steps.edit(next, { 'config.yaml': configMap('db', 'two') });
      await steps.publish(next);
      for (const [holds, drafts] of [
        [false, empty],
        [true, composed],
      ] as const) {
        for (const time of ['before', 'after']) {
          const id = await steps.draft(fleetId, `${time}-${holds}`);
          const { method, path, body } = addition(id);
          if (holds) await steps.expect(200, method, path, body, { 'If-Match': '*' });
          await steps.pushed(id);
          drafts.push(id);
        }
      }
    });
  }, 120_000);
  afterAll(async () => {
    await api?.stop();
    await test?.drop();
    await git?.stop();
    await rm(dataDir, { recursive: true, force: true });
  }, 60_000);

  const addition = (id: string): Change => ({
    ...{ method: 'POST', path: `/package-revisions/${id}/subpackages` },
    body: { path: 'data/db', upstream: { revisionId: blueprint } },
    leaves: { 'data/db/config.yaml': configMap('db', 'one') },
  });
  async function upgrade(id: string): Promise<Change> {
    const request = { to: 'newest', subpackage: 'data/db' };
    const { body: shown } = await steps.expect(201, 'POST', `/package-revisions/${id}/upgrade-previews`, request);
    return {
      ...{ method: 'POST', path: `/upgrade-previews/${shown.id}/apply`, body: {} },
      leaves: { 'data/db/config.yaml': configMap('db', 'two') },
    };
  }
  const CHANGES: [string, string[], (id: string) => Change | Promise<Change>][] = [
    ['adding one', empty, addition],
    ['upgrading one', composed, upgrade],
  ];
  let key: Record<string, string>;
  beforeEach(() => {
    key = { 'If-Match': '*', 'Idempotency-Key': `key-${(count += 1)}` };
  });
  const send = ({ method, path, body }: Change) => steps.call(method, path, body, key);
  const contents = async (id: string): Promise<Record<string, Body>> =>
    (await steps.expect(200, 'GET', `/package-revisions/${id}/resources`)).body.files;
  async function assertLeft(id: string, { leaves }: Change): Promise<void> {
    const files = await contents(id);
    for (const [path, text] of Object.entries(leaves)) expect(files[path]?.content).toBe(text);
  }
  async function assertPushed(id: string): Promise<void> {
    await working(() => steps.pushed(id));
    const { path, tree } = await steps.revision(id);
    expect(await fleet.revParse(`drafts/${path}/first:${path}`)).toBe(tree);
  }

  it.each(CHANGES)(
    'leaves nothing of %s before the commit, and what is sent again is done',
    async (_, drafts, begin) => {
      const id = drafts.pop() ?? '';
      const change = await begin(id);
      const before = await contents(id);
      const keeper = new pg.Client(test.url);
      await keeper.connect();
      try {
        // The entry of the audit log is the last that the transaction writes.
        await keeper.query('BEGIN');
        await keeper.query('LOCK TABLE audit_entry IN SHARE MODE');
        const cut = send(change).catch(() => 'cut');
        const waits = async () =>
          (
            await test.database.client.$queryRaw<object[]>`
          SELECT 1 FROM pg_locks l JOIN pg_database d ON d.oid = l.database AND d.datname = current_database()
          WHERE l.relation = 'audit_entry'::regclass AND NOT l.granted`
          ).length;
        await expect.poll(waits, { interval: 20, timeout: 20_000 }).toBe(1);
        await api.kill();
        expect(await cut).toBe('cut');
        await keeper.query('ROLLBACK');
      } finally {
        await keeper.end();
      }
      await startApi();
      expect(await contents(id)).toEqual(before);
      expect((await send(change)).status).toBeLessThan(300);
      await assertLeft(id, change);
      await assertPushed(id);
    },
  );

  it.each(CHANGES)('keeps %s after the commit, pushes it, and does it once', async (_, drafts, begin) => {
    const id = drafts.pop() ?? '';
    const change = await begin(id);
    const answer = await send(change);
    await api.kill();
    expect(answer.status).toBeLessThan(300);
    await startApi();
    await assertLeft(id, change);
    const again = await send(change);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(again.body).toEqual(answer.body);
    await assertPushed(id);
  });
});
