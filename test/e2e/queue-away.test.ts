import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { GitFixture } from '../support/git-fixture.js';
import { GitServer } from '../support/git-server.js';
import { type PkgserverProcess, startProcess } from '../support/process.js';
import { hasRedis, TestRedis } from '../support/redis.js';
import { Steps } from '../support/steps.js';

/** How long an approval may wait for a worker while the queue is away. */
const LONGEST_WAIT_MS = 15_000;
const SIGTERM_MS = 3_000;
const APPROVALS = 20;

// Sweep, poll and lease are as users have them.
let git: GitServer;
let test: TestDatabase;
let folder: string;
let redis: TestRedis;
let processes: PkgserverProcess[];

beforeEach(async () => {
  git = await GitServer.start();
  test = await createTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'pkgserver-queue-away-'));
  processes = [];
}, 60_000);
afterEach(async () => {
  await Promise.all(processes.map((process) => process.kill()));
  await redis?.stop();
  await test?.drop();
  await git?.stop();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

async function start(role: string, settings: Record<string, string> = {}): Promise<PkgserverProcess> {
  const process = await startProcess({
    ROLE: role,
    DATABASE_URL: test.url,
    DATA_DIR: join(folder, `${role}-${processes.length}`),
    CREDENTIALS_KEY: Buffer.alloc(32, 7).toString('base64'),
    ...settings,
  });
  processes.push(process);
  return process;
}

async function readiness({ url }: PkgserverProcess): Promise<{ status: number; body: unknown }> {
  const answer = await fetch(`${url}/health/ready`);
  return { status: answer.status, body: await answer.json() };
}

const OK = { status: 200, body: { status: 'ok', checks: { database: { status: 'up' }, queue: { status: 'up' } } } };
const DEGRADED = {
  status: 200,
  body: {
    status: 'degraded',
    checks: {
      database: { status: 'up' },
      queue: {
        status: 'down',
        message: expect.stringContaining('queue does not answer') as string,
        since: expect.stringMatching(/^\d{4}-.+Z$/) as string,
      },
    },
  },
};

/** Lines of the log that name the queue, without the one that says where it is. */
const saidOfQueue = (process: PkgserverProcess): string[] =>
  process
    .output()
    .split('\n')
    .filter((line) => /Doorbell|ioredis|ECONNREFUSED|[Uu]nhandled/.test(line));

/** Milliseconds from SIGTERM to the end of the process, which must be a clean one. */
async function expectToStopInTime(process: PkgserverProcess): Promise<void> {
  const begun = Date.now();
  expect(await process.stop()).toBe(0);
  expect(Date.now() - begun, process.output()).toBeLessThan(SIGTERM_MS);
}

/** Approves all at once, and follows each to its end; gives the longest time for which one waited for a worker. */
async function approveAll(steps: Steps, drafts: readonly string[]): Promise<number> {
  const waits = drafts.map(async (draft) => {
    const operation = await steps.finished(await steps.approve(draft));
    expect(operation).toMatchObject({ state: 'succeeded' });
    return Date.parse(String(operation.startedAt)) - Date.parse(String(operation.createdAt));
  });
  return Math.max(...(await Promise.all(waits)));
}

describe.skipIf(!hasRedis)('the queue is a doorbell, never a need', () => {
  it.each(['killed', 'frozen'] as const)(
    `${APPROVALS} approvals are carried out with Redis %s and not coming back`,
    async (how) => {
      redis = await TestRedis.start();
      const settings = { REDIS_URL: redis.url, RATE_LIMIT_IDENTITY: '100000', RATE_LIMIT_ADDRESS: '100000' };
      const [api, worker] = [await start('api', settings), await start('worker', settings)];
      const steps = new Steps(api.url);
      // Half of the packages share one repository, each of the others has its own.
      const shared = await git.createRepository('shared');
      const repositories = [await steps.register({ name: 'shared', url: shared.url })];
      for (let i = 0; i < APPROVALS / 2; i += 1) {
        const { url } = await git.createRepository(`own-${i}`);
        repositories.push(await steps.register({ name: `own-${i}`, url }));
      }
      const drafts: string[] = [];
      for (let i = 0; i < APPROVALS; i += 1) {
        const repositoryId = repositories[Math.max(0, i - APPROVALS / 2 + 1)] ?? '';
        drafts.push(await steps.draft(repositoryId, `p${i}`));
      }
      await Promise.all(drafts.map((draft) => steps.propose(draft)));
      expect(await readiness(api)).toEqual(OK);

      if (how === 'killed') await redis.kill();
      else redis.freeze();
      // A machine that is busy with other tests takes longer for all else, which says nothing about the queue.
      expect(await approveAll(steps, drafts)).toBeLessThan(LONGEST_WAIT_MS);
      const fixture = GitFixture.create(shared.path);
      expect(await fixture.tags()).toHaveLength(APPROVALS / 2);

      // Drafts go on as well, from the first line to the publication.
      const late = await steps.draft(repositories[0] ?? '', 'late');
      await steps.pushed(late);
      expect(await steps.publish(late)).toMatchObject({ revision: 'v1' });

      for (const process of [api, worker]) {
        expect(await readiness(process)).toEqual(DEGRADED);
        await expect
          .poll(() => saidOfQueue(process))
          .toEqual([expect.stringContaining('The queue (Redis) does not answer')]);
      }
      for (const process of [api, worker]) await expectToStopInTime(process);
    },
    180_000,
  );

  it('starts before Redis is there, works, and is well by itself when Redis has come; and again', async () => {
    redis = await TestRedis.absent();
    const process = await start('all', { REDIS_URL: redis.url });
    const steps = new Steps(process.url);
    expect(await readiness(process)).toEqual(DEGRADED);
    const { url } = await git.createRepository('fleet');
    const repositoryId = await steps.register({ name: 'fleet', url });
    expect(await steps.publish(await steps.draft(repositoryId, 'before'))).toMatchObject({ revision: 'v1' });

    await redis.resume();
    await expect.poll(() => readiness(process), { timeout: 20_000 }).toEqual(OK);
    expect(await steps.publish(await steps.draft(repositoryId, 'with'))).toMatchObject({ revision: 'v1' });

    await redis.kill();
    await expect.poll(() => readiness(process), { timeout: 20_000 }).toEqual(DEGRADED);
    expect(await steps.publish(await steps.draft(repositoryId, 'after'))).toMatchObject({ revision: 'v1' });
    expect(saidOfQueue(process)).toEqual([
      expect.stringContaining('The queue (Redis) does not answer'),
      expect.stringContaining('The queue (Redis) answers again'),
      expect.stringContaining('The queue (Redis) does not answer'),
    ]);
  }, 120_000);
});

describe('the queue in PostgreSQL', () => {
  it('is no need either: without its tables work is done, and with them it rings again', async () => {
    const process = await start('all');
    const steps = new Steps(process.url);
    const { url } = await git.createRepository('fleet');
    const repositoryId = await steps.register({ name: 'fleet', url });
    const move = (from: string, to: string) =>
      test.database.client.$executeRawUnsafe(`ALTER SCHEMA ${from} RENAME TO ${to}`);

    await move('pkgserver_queue', 'elsewhere');
    expect(await readiness(process)).toEqual(DEGRADED);
    const drafts = ['a', 'b', 'c'].map((name) => steps.draft(repositoryId, name));
    await Promise.all((await Promise.all(drafts)).map((draft) => steps.publish(draft)));

    await move('elsewhere', 'pkgserver_queue');
    await expect.poll(() => readiness(process), { timeout: 20_000 }).toEqual(OK);
    expect(await steps.publish(await steps.draft(repositoryId, 'after'))).toMatchObject({ revision: 'v1' });

    await move('pkgserver_queue', 'elsewhere');
    await expectToStopInTime(process);
  }, 120_000);
});

describe.skipIf(!hasRedis)('SIGTERM', () => {
  it.each(['answers', 'was killed', 'hangs'] as const)(
    `ends every process within ${SIGTERM_MS} ms while Redis %s, a remote hangs and a client waits`,
    async (how) => {
      redis = await TestRedis.start();
      const settings = { REDIS_URL: redis.url, RATE_LIMIT_IDENTITY: '100000', RATE_LIMIT_ADDRESS: '100000' };
      const [api, worker] = [await start('api', settings), await start('worker', settings)];
      const steps = new Steps(api.url);
      const { url } = await git.createRepository('fleet');
      const repositoryId = await steps.register({ name: 'fleet', url });
      const draft = await steps.draft(repositoryId, 'web');
      await steps.propose(draft);
      await steps.pushed(draft);

      let arrive = () => undefined as void;
      let release = () => undefined as void;
      const released = new Promise<void>((resolve) => (release = resolve));
      const nextVisit = () => new Promise<void>((resolve) => (arrive = resolve));
      git.onRequest(async () => {
        arrive();
        await released;
      });
      if (how === 'was killed') await redis.kill();
      if (how === 'hangs') redis.freeze();
      const visit = nextVisit();
      const operation = await steps.approve(draft);
      await visit;

      /** A client that waits for the operation is answered that it goes on. */
      const stopWithClient = async (served: PkgserverProcess) => {
        const answer = fetch(`${served.url}/api/v1/operations/${operation}?wait=30`).then(async (response) => ({
          status: response.status,
          body: await response.json(),
        }));
        await sleep(300);
        await expectToStopInTime(served);
        expect(await answer).toMatchObject({ status: 200, body: { id: operation, finishedAt: null } });
      };
      await stopWithClient(api);
      await expectToStopInTime(worker);

      // The operation is as it was, and the next process takes it up.
      const again = nextVisit();
      const all = await start('all', settings);
      await again;
      await stopWithClient(all);

      const idle = [];
      release();
      git.onRequest(null);
      for (const role of ['api', 'worker', 'all']) idle.push(await start(role, settings));
      expect(await new Steps(idle[0]?.url ?? '').finished(operation)).toMatchObject({ state: 'succeeded' });
      for (const process of idle) await expectToStopInTime(process);
      for (const process of processes) expect(process.output()).not.toMatch(/unhandled|Unhandled/);
    },
    180_000,
  );
});
