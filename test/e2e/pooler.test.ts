import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { createEmptyDatabase } from '../support/database.js';
import { EventReader } from '../support/event-reader.js';
import { GitServer } from '../support/git-server.js';
import { hasPgBouncer, TestPgBouncer } from '../support/pgbouncer.js';
import { type PkgserverProcess, startProcess } from '../support/process.js';
import { hasRedis, TestRedis } from '../support/redis.js';
import { Steps } from '../support/steps.js';

const PACKAGES = 12;
/** Of drafts and publications that go on at once: more than the pooler has connections. */
const parallel = <Item, Result>(items: readonly Item[], work: (item: Item) => Promise<Result>) =>
  Promise.all(items.map(work));

describe.runIf(hasPgBouncer)('behind PgBouncer', () => {
  let direct: string;
  let folder: string;
  const closing: (() => Promise<unknown>)[] = [];

  beforeEach(async () => {
    direct = await createEmptyDatabase();
    folder = await mkdtemp(join(tmpdir(), 'pkgserver-pooler-'));
    closing.push(() => rm(folder, { recursive: true, force: true }));
  });
  afterEach(async () => {
    for (let close = closing.pop(); close; close = closing.pop()) await close();
  });

  async function bouncer(options: Parameters<typeof TestPgBouncer.start>[1] = {}): Promise<TestPgBouncer> {
    const started = await TestPgBouncer.start(inject('databaseServer'), options);
    closing.push(() => started.stop());
    return started;
  }

  async function start(settings: Record<string, string>): Promise<PkgserverProcess> {
    const started = await startProcess({ DATA_DIR: folder, ...settings });
    closing.push(() => started.kill());
    return started;
  }

  async function named(): Promise<string[]> {
    const client = new pg.Client({ connectionString: direct, application_name: 'test' });
    await client.connect();
    try {
      const { rows } = await client.query<{ name: string }>(
        `SELECT DISTINCT application_name AS name FROM pg_stat_activity
         WHERE datname = current_database() AND application_name <> 'test' ORDER BY name`,
      );
      return rows.map(({ name }) => name);
    } finally {
      await client.end();
    }
  }

  it.each([
    ['PostgreSQL', true],
    ['Redis', hasRedis],
  ])(
    'that pools transactions, with the queue on %s, an API and a worker do what they do without',
    async (queue, has) => {
      if (!has) return;
      const pooler = await bouncer();
      const settings: Record<string, string> = { DATABASE_URL: pooler.through(direct), DATABASE_DIRECT_URL: direct };
      if (queue === 'Redis') {
        const redis = await TestRedis.start();
        closing.push(() => redis.stop());
        settings.REDIS_URL = redis.url;
      }
      const git = await GitServer.start();
      closing.push(() => git.stop());
      // Work that nobody rings for waits a minute: what is done sooner was heard of.
      const api = await start({ ...settings, ROLE: 'api' });
      const worker = await start({ ...settings, ROLE: 'worker', SWEEP_INTERVAL_MS: '60000', LEASE_SECONDS: '60' });
      const reader = await EventReader.open(api.url);
      closing.push(async () => reader.close());

      const steps = new Steps(api.url);
      const { url } = await git.createRepository('fleet');
      const repositoryId = await steps.register({ name: 'fleet', url });
      const names = Array.from({ length: PACKAGES }, (_, index) => `p${index}`);
      const drafts = await parallel(names, (name) => steps.draft(repositoryId, name));
      const published = await parallel(drafts, (id) => steps.publish(id));
      expect(published.map(({ revision }) => revision)).toEqual(drafts.map(() => 'v1'));

      // Those of the pooler are named by whoever had them last.
      const seen = await named();
      const types = (type: string) => reader.events.filter((event) => event.type.endsWith(`.${type}`)).length;
      await reader.until(() => types('packageRevision.published') === PACKAGES);
      await steps.expect(200, 'GET', '/search?q=kind:ConfigMap');
      expect(await (await fetch(`${api.url}/health/ready`)).json()).toMatchObject({ status: 'ok' });
      for (const { output } of [api, worker]) {
        const faults = output()
          .split('\n')
          .filter((line) => /"level":"(warn|error|fatal)"/.test(line) && !line.includes('AUTH=none'));
        expect(faults).toEqual([]);
      }
      const queueNames = queue === 'Redis' ? [] : ['pkgserver queue'];
      expect(seen).toEqual(expect.arrayContaining(['pkgserver events', ...queueNames]));
      expect(seen.filter((name) => !/^pkgserver \w+( on (PostgreSQL|Redis))?$/.test(name))).toEqual([]);
    },
  );

  it('says in one sentence what is missing', async () => {
    const pooler = await bouncer();
    const pooled = pooler.through(direct);
    await expect(start({ DATABASE_URL: pooled })).rejects.toThrow(
      /status 1:\n\S.* at 127\.0\.0\.1:\d+\/\w+ \(DATABASE_URL\) pools transactions and keeps no session: set DATABASE_DIRECT_URL to [^\n]+\.\n$/,
    );
    await expect(start({ DATABASE_URL: pooled, DATABASE_DIRECT_URL: pooled })).rejects.toThrow(
      /\(DATABASE_DIRECT_URL\) pools transactions and keeps no session: it has to be the server itself/,
    );
    await expect(
      start({ DATABASE_URL: pooled, DATABASE_DIRECT_URL: direct, DATABASE_OWNER_URL: pooled }),
    ).rejects.toThrow(/\(DATABASE_OWNER_URL\) pools transactions and keeps no session/);
    const other = await createEmptyDatabase();
    await expect(start({ DATABASE_URL: pooled, DATABASE_DIRECT_URL: other })).rejects.toThrow(
      /status 1:\nDATABASE_DIRECT_URL \(\S+\) leads to another database than DATABASE_URL \(\S+\): correct one of them\.\n$/,
    );
  });

  it('that pools sessions, it needs no more than a queue elsewhere', async () => {
    const pooler = await bouncer({ mode: 'session', poolSize: 40 });
    const settings = { DATABASE_URL: pooler.through(direct), DATABASE_POOL_SIZE: '4' };
    await expect(start(settings)).rejects.toThrow(
      /takes no settings of a session: set DATABASE_DIRECT_URL [^\n]+\.\n$/,
    );
    if (!hasRedis) return;
    const redis = await TestRedis.start();
    closing.push(() => redis.stop());
    const { url } = await start({ ...settings, REDIS_URL: redis.url });
    expect(await (await fetch(`${url}/health/ready`)).json()).toMatchObject({ status: 'ok' });
  });
});
