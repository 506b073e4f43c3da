import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Repository } from '../../src/database/generated/client.js';
import { GitPort } from '../../src/git/port.js';
import { Poller } from '../../src/operations/engine/poller.js';
import { startEngine, type TestEngine } from '../support/engine.js';
import { GitFixture } from '../support/git-fixture.js';
import { GitServer } from '../support/git-server.js';

let server: GitServer;
let engine: TestEngine;
let poller: Poller;

beforeEach(async () => {
  server = await GitServer.start();
  engine = await startEngine({
    ...{ GIT_TIMEOUT_SECONDS: '2', WORKER_CONCURRENCY: '2' },
    ...{ SYNC_INTERVAL_SECONDS: '3600', SYNC_INTERVAL_WITH_RECEIVER_SECONDS: '28800' },
  });
  poller = engine.get(Poller);
});
afterEach(async () => {
  await poller?.stop();
  await engine?.close();
  await server?.stop();
});

async function register(name: string): Promise<{ repository: Repository; remote: GitFixture }> {
  const { url, path } = await server.createRepository(name);
  const repository = await engine.register({ name, url });
  await engine.visit(repository.id);
  return { repository, remote: GitFixture.create(path) };
}

const polling = (repositoryId: string) =>
  engine.database.client.repositoryPolling.findUniqueOrThrow({ where: { repositoryId } });

/** Just now: polls that come late are spread wider. */
const aMomentAgo = () => new Date(Date.now() - 1_000);

const makeDue = (...repositories: Repository[]) =>
  engine.database.client.repositoryPolling.updateMany({
    where: { repositoryId: { in: repositories.map(({ id }) => id) } },
    data: { nextSyncAt: aMomentAgo() },
  });

/** Polls until nothing is left to ask or to note. */
async function pollAll(): Promise<void> {
  while (await poller.poll()) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('the poll', () => {
  it('asks for the refs and nothing else where nothing changed, and notes that', async () => {
    const all = [await register('a'), await register('b'), await register('c')].map(({ repository }) => repository);
    const before = await Promise.all(all.map(({ id }) => polling(id)));
    const rows = await engine.database.client.repository.findMany({ orderBy: { name: 'asc' } });
    const asked: string[] = [];
    server.onRequest(({ method, service, phase }) => void (phase === 'before' && asked.push(`${method} ${service}`)));
    await makeDue(...all);
    await pollAll();
    // That these remotes speak protocol 2 is known from the visits.
    expect(asked).toEqual(Array.from({ length: 3 }, () => 'POST git-upload-pack'));
    for (const [index, { id }] of all.entries()) {
      const after = await polling(id);
      expect(after.nextSyncAt.getTime()).toBeGreaterThan(Date.now() + 3_000_000);
      expect(after.lastSyncedAt?.getTime()).toBeGreaterThan(before[index]?.lastSyncedAt?.getTime() ?? Infinity);
      expect(after.refsDigest).toBe(before[index]?.refsDigest);
    }
    expect(await engine.database.client.repository.findMany({ orderBy: { name: 'asc' } })).toEqual(rows);
    expect(await engine.database.client.lease.count()).toBe(0);
  });

  it('makes no mirror: a worker that has only asked for the refs has nothing on its disk', async () => {
    const { repository } = await register('a');
    const git = engine.get(GitPort);
    await git.remove(repository.id);
    await makeDue(repository);
    await pollAll();
    expect((await polling(repository.id)).nextSyncAt.getTime()).toBeGreaterThan(Date.now());
    expect(await git.keys()).toEqual([]);
  });

  it('comes as late as is set for repositories whose host tells of changes, and has told of one within a day', async () => {
    const [told, silent] = [await register('told'), await register('silent')].map(({ repository }) => repository.id);
    const hour = 3_600_000;
    for (const [repositoryId, ago] of [
      [told ?? '', 23 * hour],
      [silent ?? '', 25 * hour],
    ] as const) {
      const data = { toldAt: new Date(Date.now() - ago), nextSyncAt: aMomentAgo() };
      await engine.database.client.repositoryPolling.update({ where: { repositoryId }, data });
    }
    await pollAll();
    const wait = async (id = '') => (await polling(id)).nextSyncAt.getTime() - Date.now();
    expect(await wait(told)).toBeGreaterThan(6 * hour);
    expect(await wait(silent)).toBeLessThan(2 * hour);
    await engine.database.client.repositoryPolling.updateMany({ data: { nextSyncAt: aMomentAgo() } });
    for (const id of [told, silent]) await engine.visit(id ?? '');
    expect(await wait(told)).toBeGreaterThan(6 * hour);
    expect(await wait(silent)).toBeLessThan(2 * hour);
  });

  it('leaves a repository whose refs moved to a visit', async () => {
    const { repository, remote } = await register('moved');
    const commit = await remote.commit({ files: { 'a/Kptfile': 'apiVersion: kpt.dev/v1\nkind: Kptfile\n' } });
    await makeDue(repository);
    await pollAll();
    expect(await polling(repository.id)).toMatchObject({ refsDigest: null });
    await engine.visit(repository.id);
    const after = await engine.database.client.repository.findUniqueOrThrow({ where: { id: repository.id } });
    expect(after.commit).toBe(commit);
    expect((await polling(repository.id)).refsDigest).not.toBeNull();
  });

  it('leaves a remote that fails to a visit, which says so on the repository', async () => {
    const { repository } = await register('failing');
    await server.down();
    await makeDue(repository);
    await pollAll();
    await engine.visit(repository.id);
    const { conditions } = await engine.database.client.repository.findUniqueOrThrow({ where: { id: repository.id } });
    expect(conditions).toMatchObject([{ type: 'Ready', status: 'False', reason: 'Unreachable' }]);
    expect((await polling(repository.id)).failures).toBe(1);
    await server.up();
  });

  it('asks each remote once, however many workers poll', async () => {
    const all = [];
    for (const name of ['a', 'b', 'c', 'd']) all.push((await register(name)).repository);
    const other = await startEngine({}, { beside: engine });
    const second = other.get(Poller);
    const before = server.requests;
    await makeDue(...all);
    while ((await Promise.all([poller.poll(), second.poll()])).some(Boolean));
    const asked = server.requests - before;
    // The other worker has to find out first whether a remote speaks protocol 2.
    expect(asked).toBeGreaterThanOrEqual(all.length);
    expect(asked).toBeLessThanOrEqual(2 * all.length);
    await second.stop();
    await other.close();
  });

  it('goes on with the others while some remotes hang, and does not ask those again and again', async () => {
    const hanging = [await register('h1'), await register('h2'), await register('h3')].map((each) => each.repository);
    const { repository: well } = await register('well');
    for (const { name } of hanging) server.hang(name);
    await makeDue(well, ...hanging);
    const begun = (await polling(well.id)).lastSyncedAt?.getTime() ?? 0;
    const until = async (done: () => Promise<boolean>) => {
      while (!(await done())) {
        await poller.poll();
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    await until(async () => ((await polling(well.id)).lastSyncedAt?.getTime() ?? 0) > begun);
    for (const { id } of hanging) expect((await polling(id)).refsDigest).not.toBeNull();
    await until(async () => {
      const rows = await Promise.all(hanging.map(({ id }) => polling(id)));
      return rows.every(({ refsDigest }) => refsDigest === null);
    });
    const before = server.requests;
    await poller.poll();
    expect(server.requests).toBe(before);
    for (const { name } of hanging) server.unhang(name);
  });
});
