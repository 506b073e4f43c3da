import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrate } from '../../src/database/migrate.js';
import { createEmptyDatabase } from '../support/database.js';
import { query } from '../support/database-role.js';
import { buildEarlier, hasCommit } from '../support/earlier-build.js';
import { GitFixture } from '../support/git-fixture.js';
import { GitServer } from '../support/git-server.js';
import { type PkgserverProcess, startProcess } from '../support/process.js';
import { RepeatingClient } from '../support/repeating-client.js';
import { ReverseProxy } from '../support/reverse-proxy.js';
import { configMap } from '../support/steps.js';

/** A landed state without the newest migration, whose packages are those of today; another one by EARLIER_COMMIT. */
const EARLIER = process.env.EARLIER_COMMIT ?? 'ceb28d7a';
const AUTHORS = 4;
/** How often a balancer asks each process whether it is ready. */
const PROBE_MS = 200;
/** How long each mixture of old and new processes serves: some publications of each author. */
const MIXTURE_MS = 3_000;

interface Publication {
  tag: string;
  value: string;
  operationId: string;
}

describe.skipIf(!(await hasCommit(EARLIER)))(`a rolling upgrade from ${EARLIER}, under load`, () => {
  let git: GitServer;
  let remote: GitFixture;
  let balancer: ReverseProxy;
  let databaseUrl: string;
  let folder: string;
  let earlier: string;
  let client: RepeatingClient;
  let repositoryId: string;
  const running = new Set<PkgserverProcess>();
  /** The processes that the balancer knows. */
  const apis = new Set<PkgserverProcess>();
  const published: Publication[] = [];
  let count = 0;
  let loading = true;

  const start = async (role: 'api' | 'worker', program?: string): Promise<PkgserverProcess> => {
    count += 1;
    const process = await startProcess(
      {
        ROLE: role,
        DATABASE_URL: databaseUrl,
        DATA_DIR: join(folder, String(count)),
        CREDENTIALS_KEY: Buffer.alloc(32, 7).toString('base64'),
        SWEEP_INTERVAL_MS: '200',
        SYNC_INTERVAL_SECONDS: '2',
        DRAIN_SECONDS: '1',
      },
      program,
    );
    running.add(process);
    if (role === 'api') apis.add(process);
    return process;
  };
  const stop = async (process: PkgserverProcess): Promise<void> => {
    expect(await process.stop()).toBe(0);
    running.delete(process);
    apis.delete(process);
  };

  beforeAll(async () => {
    git = await GitServer.start();
    const { url, path } = await git.createRepository('fleet');
    remote = GitFixture.create(path);
    await remote.config('receive.denyNonFastForwards', 'true');
    folder = await mkdtemp(join(tmpdir(), 'pkgserver-rolling-'));
    earlier = await buildEarlier(EARLIER);
    databaseUrl = await createEmptyDatabase();
    await migrate(databaseUrl, join(earlier, 'prisma/migrations'));
    const old = join(earlier, 'dist/main.js');
    for (const role of ['worker', 'worker', 'api', 'api'] as const) await start(role, old);
    balancer = await ReverseProxy.start('/platform');
    await probe();
    client = new RepeatingClient(balancer.url);
    repositoryId = await client.register({ name: 'fleet', url });
  }, 300_000);
  afterAll(async () => {
    loading = false;
    for (const { kill } of running) await kill();
    await balancer?.stop();
    await git?.stop();
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  /** Sends requests to whoever says that it is ready. */
  async function probe(): Promise<void> {
    const ready = await Promise.all(
      [...apis].map(async ({ url }) => {
        const answer = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(2_000) }).catch(() => null);
        return answer?.status === 200 ? [url] : [];
      }),
    );
    const urls = ready.flat();
    if (urls.length > 0) balancer.pointTo(...urls);
  }

  async function balance(): Promise<void> {
    while (loading) {
      await probe();
      await sleep(PROBE_MS);
    }
  }

  /** Packages, one after the other, each with a second revision. */
  async function author(number: number): Promise<void> {
    for (let round = 0; loading; round += 1) {
      const name = `p${number}-${round}`;
      const first = await client.draft(repositoryId, name);
      await publish(first, name, 'v1', 'first');
      const second = await client.copy(repositoryId, first, 'second');
      await client.edit(second, { 'config.yaml': configMap(name, `second of ${number}`) });
      await publish(second, name, 'v2', `second of ${number}`);
    }
  }

  async function publish(id: string, name: string, revision: string, value: string): Promise<void> {
    await client.propose(id);
    const operationId = await client.approve(id);
    const { state, error, result } = await client.finished(operationId);
    expect({ state, error, result }).toMatchObject({ state: 'succeeded', error: null, result: { revision } });
    published.push({ tag: `${name}/${revision}`, value: configMap(name, value), operationId });
  }

  async function reader(): Promise<void> {
    while (loading) {
      const { body } = await client.expect(200, 'GET', `/package-revisions?repositoryId=${repositoryId}&pageSize=50`);
      const [some] = body.items as { id: string }[];
      if (some) await client.expect(200, 'GET', `/package-revisions/${some.id}/resources`);
      await client.expect(200, 'GET', `/search?q=${encodeURIComponent('kind:ConfigMap')}`);
      await client.expect(200, 'GET', '/events?pageSize=10');
    }
  }

  it('loses nothing, does nothing twice, and answers whoever repeats what passes', async () => {
    const load = Promise.all([balance(), reader(), ...Array.from({ length: AUTHORS }, (_, number) => author(number))]);
    // A fault of the load ends the upgrade, too.
    const during = <T>(step: Promise<T>): Promise<T> => Promise.race([step, load.then(() => step)]);
    const [workers, old] = [[...running].filter((process) => !apis.has(process)), [...apis]];
    await during(sleep(MIXTURE_MS));
    const before = published.length;
    const migrated = await promisify(execFile)(process.execPath, ['dist/commands/migrate.js'], {
      env: { PATH: process.env.PATH, DATABASE_URL: databaseUrl },
    });
    expect(migrated.stdout).toMatch(/^Migrations applied: \d+|^The database has all migrations/);
    await during(sleep(MIXTURE_MS));
    expect(published.length, 'old processes go on over the new database').toBeGreaterThan(before);
    for (const worker of workers) {
      await during(start('worker'));
      await during(stop(worker));
      await during(sleep(MIXTURE_MS));
    }
    for (const api of old) {
      await during(start('api'));
      await during(stop(api));
      await during(sleep(MIXTURE_MS));
    }
    loading = false;
    await load;

    const tags = await remote.tags();
    expect(tags.toSorted()).toEqual(published.map(({ tag }) => tag).toSorted());
    for (const { tag, value } of published) {
      const [path = ''] = tag.split('/');
      expect((await remote.show(`${tag}:${path}/config.yaml`)).toString()).toBe(value);
    }
    const states = await query(databaseUrl, `SELECT DISTINCT kind::text, state::text FROM operation ORDER BY 1, 2`);
    // A push that its draft's publication overtook is cancelled.
    expect(states.filter(({ kind, state }) => state !== 'succeeded' && kind !== 'push')).toEqual([]);
    expect(states.filter(({ state }) => state !== 'succeeded' && state !== 'cancelled')).toEqual([]);
    const publications = (await remote.log()).filter(({ message }) => message.startsWith('Publish '));
    expect(publications, 'none twice').toHaveLength(published.length);
    await remote.check();
    const repeats = Object.fromEntries(client.repeated);
    console.log(
      `${client.answered} requests, ${published.length} publications; repeated: ${JSON.stringify(repeats)}; ` +
        `the longest took ${client.longestMs} ms`,
    );
  }, 300_000);
});
