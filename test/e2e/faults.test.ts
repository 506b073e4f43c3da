import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EmbeddedPostgres } from '../../src/database/embedded-postgres.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { GitFixture } from '../support/git-fixture.js';
import { GitServer } from '../support/git-server.js';
import { type PkgserverProcess, startProcess } from '../support/process.js';
import { randomText } from '../support/random-text.js';
import { hasRedis, TestRedis } from '../support/redis.js';
import { configMap, Steps } from '../support/steps.js';
import { TcpProxy } from '../support/tcp-proxy.js';

const SETTINGS = {
  LEASE_SECONDS: '1',
  SWEEP_INTERVAL_MS: '100',
  RETRY_MAX_SECONDS: '1',
  SYNC_INTERVAL_SECONDS: '3600',
  GIT_TIMEOUT_SECONDS: '5',
  CREDENTIALS_KEY: Buffer.alloc(32, 7).toString('base64'),
};

let git: GitServer;
let test: TestDatabase;
let folder: string;
let processes: PkgserverProcess[];

beforeEach(async () => {
  [git, test, folder, processes] = [
    await GitServer.start(),
    await createTestDatabase(),
    await mkdtemp(join(tmpdir(), 'pkgserver-faults-')),
    [],
  ];
}, 60_000);
afterEach(async () => {
  git?.onRequest(null);
  // One of them may be frozen, or worse.
  await Promise.all(processes.map((process) => process.kill()));
  await test?.drop();
  await git?.stop();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

async function start(name: string, settings: Record<string, string> = {}): Promise<PkgserverProcess> {
  const process = await startProcess({
    DATABASE_URL: test.url,
    DATA_DIR: join(folder, name),
    ...SETTINGS,
    ...settings,
  });
  processes.push(process);
  return process;
}

async function register(steps: Steps, name: string) {
  const { url, path } = await git.createRepository(name);
  return { id: await steps.register({ name, url }), fixture: GitFixture.create(path) };
}

async function replace(file: string, content: string): Promise<void> {
  await chmod(file, 0o644);
  await writeFile(file, content);
}

const publishCommits = async (fixture: GitFixture) =>
  (await fixture.log()).filter(({ message }) => message.startsWith('Publish '));

describe('a worker that was frozen for longer than its lease', () => {
  it('writes nothing when it wakes up: another one has done its work', async () => {
    const steps = new Steps((await start('api', { ROLE: 'api' })).url);
    const frozen = await start('frozen', { ROLE: 'worker' });
    const { id: repositoryId, fixture } = await register(steps, 'fleet');
    const draft = await steps.draft(repositoryId, 'web');
    await steps.propose(draft);
    await steps.pushed(draft);
    // It has listed the refs and made its commit; its push is on the way, and held up there.
    let [arrive, answered] = [() => {}, () => {}];
    const onTheWay = new Promise<void>((resolve) => (arrive = resolve));
    const refused = new Promise<void>((resolve) => (answered = resolve));
    const stopped = new Promise<void>((resolve) => {
      let late: number | undefined;
      git.onRequest(async ({ index, service, method, phase }) => {
        if (service !== 'git-receive-pack' || method !== 'POST') return;
        if (phase === 'after') return index === late ? answered() : undefined;
        if (late !== undefined) return;
        late = index;
        frozen.child.kill('SIGSTOP');
        resolve();
        await onTheWay;
      });
    });
    const operation = await steps.approve(draft);
    await stopped;
    await start('other', { ROLE: 'worker' });
    const before = await steps.finished(operation);
    expect(before).toMatchObject({ state: 'succeeded', result: { revision: 'v1' } });
    const [refs, row] = [await fixture.refs(), await steps.revision(draft)];

    arrive();
    await refused;
    git.onRequest(null);
    expect(await fixture.refs()).toEqual(refs);
    frozen.child.kill('SIGCONT');
    await sleep(1_500);
    expect(await fixture.refs()).toEqual(refs);
    expect(await publishCommits(fixture)).toHaveLength(1);
    expect(await steps.revision(draft)).toEqual(row);
    expect(await steps.finished(operation)).toEqual(before);
    expect(frozen.child.exitCode).toBeNull();
  }, 120_000);
});

describe('a disk that is full', () => {
  it('is told on the repository that needs it, stops no other, and is no matter once there is room', async () => {
    const process = await start('one');
    const steps = new Steps(process.url);
    const [large, small] = [await register(steps, 'large'), await register(steps, 'small')];
    const theirs = await steps.draft(large.id, 'theirs');
    await steps.pushed(theirs);
    // No file of this process may grow beyond 64 KiB: what writes more fails as on a full disk (EFBIG, not ENOSPC).
    const limit = (bytes: string) =>
      execFileSync('prlimit', [`--pid=${process.child.pid}`, `--fsize=${bytes}:unlimited`]);
    limit('65536');
    const data = randomBytes(200_000).toString('base64');
    await large.fixture.commit({ branch: 'drafts/theirs/first', files: { 'theirs/data.txt': data } });
    await large.fixture.commit({ files: { 'big/Kptfile': 'kind: Kptfile\n', 'big/data.txt': data.slice(9) } });
    const sync = async () => (await steps.expect(202, 'POST', `/repositories/${large.id}/sync`)).body.id as string;
    const failed = await steps.finished(await sync());
    expect(failed).toMatchObject({ state: 'failed', error: { code: 'unavailable' } });
    expect(await steps.publish(await steps.draft(small.id, 'web'))).toMatchObject({ revision: 'v1' });
    const waiting = await steps.draft(large.id, 'waits');
    expect(await steps.revision(theirs)).toMatchObject({ lifecycle: 'draft' });

    limit('unlimited');
    expect(await steps.finished(await sync())).toMatchObject({ state: 'succeeded' });
    await steps.pushed(waiting);
    const { body } = await steps.expect(200, 'GET', '/packages?repository=large');
    expect(body.items.map(({ path }: { path: string }) => path).sort()).toEqual(['big', 'theirs', 'waits']);
    expect(await steps.revision(theirs)).toMatchObject({ fileCount: 3 });
  }, 120_000);
});

describe('a mirror', () => {
  const mirrorFiles = async () => {
    const found: string[] = [];
    for (const entry of await readdir(folder, { recursive: true })) {
      const path = join(folder, entry);
      if ((await stat(path)).isFile() && /pack|objects/.test(entry)) found.push(path);
    }
    return found;
  };

  it.each(['damaged', 'emptied', 'deleted'])(
    'that is %s while drafts are written and published heals itself',
    async (how) => {
      const steps = new Steps((await start('one')).url);
      const { id, fixture } = await register(steps, 'fleet');
      await steps.publish(await steps.draft(id, 'before'));
      const draft = await steps.draft(id, 'web');
      await steps.pushed(draft);
      await fixture.commit({ files: { 'theirs.txt': 'x\n' } });
      const files = await mirrorFiles();
      expect(files.length).toBeGreaterThan(0);
      for (const file of files) {
        if (how === 'deleted') await rm(file, { force: true });
        // Written anew, since Git's own files are read-only; not one that pkgserver has just tidied away.
        else await replace(file, how === 'damaged' ? randomText(500) : '').catch(() => undefined);
      }
      await steps.edit(draft, { 'config.yaml': configMap('web', 'after') });
      const { tree } = await steps.revision(draft);
      expect(await steps.publish(draft)).toMatchObject({ revision: 'v1' });
      expect(await fixture.revParse('main:web')).toBe(tree);
      await fixture.check();
    },
    120_000,
  );
});

describe('what is below pkgserver', () => {
  it('PostgreSQL, out of reach for a moment after the start: the worker gets to work, and stops when told', async () => {
    const api = await start('api', { ROLE: 'api' });
    const proxy = await TcpProxy.start();
    proxy.pointTo(test.url);
    // The first connections are those that look at the database and prepare it; without them there is no start. Then come those for the work.
    let refusing = true;
    proxy.onConnection(() => ({ refuse: refusing && proxy.counts.connections > 8 }));
    const worker = await start('worker', { ROLE: 'worker', DATABASE_URL: proxy.through(test.url) });
    await expect.poll(() => proxy.counts.refused).toBeGreaterThan(0);
    refusing = false;
    const { id } = await register(new Steps(api.url), 'fleet');
    expect(id).not.toBe('');
    expect(await worker.stop()).toBe(0);
    await proxy.stop();
  }, 90_000);

  it('PostgreSQL, restarted under load: whatever was acknowledged is there, and work goes on', async () => {
    const data = await mkdtemp(join(tmpdir(), 'pkgserver-restarted-'));
    await chmod(data, 0o755);
    let postgres = await EmbeddedPostgres.start(data);
    const proxy = await TcpProxy.start();
    proxy.pointTo(postgres.url);
    const process = await start('one', { DATABASE_URL: proxy.through(postgres.url) });
    const steps = new Steps(process.url);
    const { id, fixture } = await register(steps, 'fleet');
    const drafts = await Promise.all(['a', 'b', 'c'].map((name) => steps.draft(id, name)));
    const acknowledged = new Map<string, number>();
    let loaded = true;
    const load = drafts.map(async (draft) => {
      for (let number = 0; loaded; number += 1) {
        const files = { 'config.yaml': configMap('x', String(number)) };
        const path = `/package-revisions/${draft}/resources`;
        const answer = await steps.call('PATCH', path, { files }, { 'If-Match': '*' });
        if (answer.status === 200) acknowledged.set(draft, number);
        await sleep(10);
      }
    });
    await sleep(500);
    await postgres.stop();
    await sleep(500);
    const before = new Map(acknowledged);
    postgres = await EmbeddedPostgres.start(data);
    proxy.pointTo(postgres.url);
    await expect
      .poll(() => drafts.every((draft) => (acknowledged.get(draft) ?? 0) > (before.get(draft) ?? 0)), {
        timeout: 120_000,
      })
      .toBe(true);
    loaded = false;
    await Promise.all(load);
    for (const draft of drafts) {
      const { body } = await steps.expect(200, 'GET', `/package-revisions/${draft}/resources`);
      const last = Number(/value: (\d+)/.exec(body.files['config.yaml'].content)?.[1]);
      expect(last).toBeGreaterThanOrEqual(acknowledged.get(draft) ?? 0);
      expect(await steps.publish(draft)).toMatchObject({ revision: 'v1' });
    }
    expect(await publishCommits(fixture)).toHaveLength(3);
    await process.stop();
    await proxy.stop();
    await postgres.stop();
    await rm(data, { recursive: true, force: true });
  }, 180_000);

  it.skipIf(!hasRedis)(
    'Redis, gone for a while: what is approved meanwhile is published all the same',
    async () => {
      const redis = await TestRedis.start();
      const steps = new Steps((await start('one', { REDIS_URL: redis.url })).url);
      const { id, fixture } = await register(steps, 'fleet');
      const [first, second] = [await steps.draft(id, 'a'), await steps.draft(id, 'b')];
      await steps.propose(first);
      await redis.pause();
      const operation = await steps.approve(first);
      await sleep(500);
      await redis.resume();
      expect(await steps.finished(operation)).toMatchObject({ state: 'succeeded' });
      expect(await steps.publish(second)).toMatchObject({ revision: 'v1' });
      expect((await fixture.tags()).sort()).toEqual(['a/v1', 'b/v1']);
      await processes.pop()?.stop();
      await redis.stop();
    },
    120_000,
  );
});
