import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { GitFixture } from '../support/git-fixture.js';
import { GitServer } from '../support/git-server.js';
import { type PkgserverProcess, startProcess } from '../support/process.js';
import { configMap, Steps } from '../support/steps.js';

const KPTFILE = 'apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: core\n';

/** A clone of a place in Git goes through the end of its worker, of the remote, and of the wish for it. */
describe('a clone of a place in Git', () => {
  let git: GitServer;
  let test: TestDatabase;
  let dataDir: string;
  let api: PkgserverProcess;
  let worker: PkgserverProcess;
  let steps: Steps;
  let fleetId: string;
  const start = (role: 'api' | 'worker', folder: string = role) =>
    startProcess({
      ROLE: role,
      DATABASE_URL: test.url,
      DATA_DIR: join(dataDir, folder),
      CREDENTIALS_KEY: Buffer.alloc(32, 7).toString('base64'),
      LEASE_SECONDS: '3',
      SWEEP_INTERVAL_MS: '100',
      RETRY_MAX_SECONDS: '1',
      SYNC_INTERVAL_SECONDS: '3600',
    });

  beforeAll(async () => {
    git = await GitServer.start();
    test = await createTestDatabase();
    dataDir = await mkdtemp(join(tmpdir(), 'pkgserver-clone-kill-'));
    const { url } = await git.createRepository('fleet');
    const place = GitFixture.create((await git.createRepository('place')).path);
    await place.commit({ files: { 'core/Kptfile': KPTFILE, 'core/a.yaml': configMap('a', 'one') } });
    [api, worker] = [await start('api'), await start('worker')];
    steps = new Steps(api.url);
    fleetId = await steps.register({ name: 'fleet', url });
  }, 120_000);
  afterEach(() => git?.onRequest(null));
  afterAll(async () => {
    await Promise.all([api?.stop(), worker?.stop()]);
    await test?.drop();
    await git?.stop();
    await rm(dataDir, { recursive: true, force: true });
  }, 60_000);

  const ask = async (name: string): Promise<string> => {
    const place = { url: git.url('place'), ref: 'main', directory: 'core' };
    const source = { type: 'clone', upstream: { git: place } };
    const request = { repositoryId: fleetId, package: name, workspace: 'one', source };
    return (await steps.expect(202, 'POST', '/package-revisions', request)).body.id as string;
  };
  const drafts = (packageName: string) => test.database.client.packageRevision.count({ where: { packageName } });
  const left = async (folder: string) =>
    (await readdir(join(dataDir, folder, 'mirrors'))).filter((key) => key.startsWith('place-'));
  /** Resolves once the worker has asked the place for its refs and asks for objects; `meanwhile` goes on before the answer. */
  const atFetch = (meanwhile: () => Promise<void>): Promise<void> =>
    new Promise((resolve, reject) => {
      let asked = 0;
      git.onRequest(async ({ service, phase, method, repository }) => {
        if (repository !== 'place' || service !== 'git-upload-pack' || method !== 'POST' || phase !== 'after')
          return undefined;
        asked += 1;
        if (asked < 2) return undefined;
        git.onRequest(null);
        await meanwhile().then(resolve, reject);
        return 'drop';
      });
    });

  it('is finished by another worker after kill -9, as one draft, and nothing fetched stays', async () => {
    const killed = atFetch(() => worker.kill());
    const id = await ask('killed');
    await killed;
    expect(await left('worker')).toEqual([`place-${id}`]);
    expect(await drafts('killed')).toBe(0);
    const other = await start('worker', 'other');
    expect(await steps.finished(id)).toMatchObject({ state: 'succeeded', attempts: 2 });
    expect([await drafts('killed'), await left('other')]).toEqual([1, []]);
    await other.stop();
    worker = await start('worker');
    await expect.poll(() => left('worker')).toEqual([]);
  });

  it('makes no second draft where its worker ended with the draft made and its end not recorded', async () => {
    const id = await ask('made');
    await steps.finished(id);
    const { client } = test.database;
    await client.operation.update({ where: { id }, data: { state: 'running', finishedAt: null, result: undefined } });
    expect(await steps.finished(id)).toMatchObject({ state: 'succeeded' });
    expect(await drafts('made')).toBe(1);
  });

  it('leaves nothing where it is cancelled while the place is read', async () => {
    let id = '';
    const cancelled = atFetch(async () => {
      await steps.expect(200, 'POST', `/operations/${id}/cancel`);
    });
    id = await ask('cancelled');
    await cancelled;
    expect(await steps.finished(id)).toMatchObject({ state: 'cancelled' });
    expect([await drafts('cancelled'), await left('worker')]).toEqual([0, []]);
  });

  it('waits for a remote that is down, and ends with the reason where it stays away for an hour', async () => {
    await git.down();
    const ids = [await ask('patient'), await ask('lost')];
    for (const id of ids) {
      const waiting = { state: 'running', waitingFor: expect.stringMatching(/.+/) };
      await expect.poll(async () => (await steps.call('GET', `/operations/${id}`)).body).toMatchObject(waiting);
    }
    const [patient = '', lost = ''] = ids;
    const hourAgo = new Date(Date.now() - 3_600_000);
    await test.database.client.operation.update({ where: { id: lost }, data: { startedAt: hourAgo } });
    expect(await steps.finished(lost)).toMatchObject({ state: 'failed', error: { code: 'remoteUnreachable' } });
    await git.up();
    expect(await steps.finished(patient)).toMatchObject({ state: 'succeeded' });
    expect([await drafts('patient'), await drafts('lost')]).toEqual([1, 0]);
    await steps.expect(200, 'POST', `/operations/${lost}/retry`);
    expect(await steps.finished(lost)).toMatchObject({ state: 'succeeded' });
    expect(await drafts('lost')).toBe(1);
  });

  describe('into a folder of a draft', () => {
    const into = async (name: string): Promise<{ id: string; ask: () => Promise<string> }> => {
      const id = await steps.draft(fleetId, name);
      const request = { path: 'core', upstream: { git: { url: git.url('place'), ref: 'main', directory: 'core' } } };
      const url = `/package-revisions/${id}/subpackages`;
      const ask = async () => (await steps.expect(202, 'POST', url, request, { 'If-Match': '*' })).body.id as string;
      return { id, ask };
    };
    const folders = async (id: string) =>
      (await steps.revision(id)).upstreams.map(({ path }: { path: string }) => path) as string[];
    const edits = (resourceId: string) =>
      test.database.client.auditEntry.count({ where: { resourceId, action: 'packageRevision.cloned' } });

    it('is finished by another worker after kill -9, once, and nothing fetched stays', async () => {
      const { id, ask } = await into('part-killed');
      const killed = atFetch(() => worker.kill());
      const operation = await ask();
      await killed;
      expect(await folders(id)).toEqual([]);
      worker = await start('worker');
      expect(await steps.finished(operation)).toMatchObject({ state: 'succeeded', attempts: 2 });
      expect([await folders(id), await edits(id), await left('worker')]).toEqual([['core'], 1, []]);
    });

    it('is not filled again where its worker ended with that done and its end not recorded', async () => {
      const { id, ask } = await into('part-made');
      const operation = await ask();
      await steps.finished(operation);
      await steps.edit(id, { 'core/Kptfile': null, 'core/a.yaml': null });
      const { client } = test.database;
      const state = { state: 'running', finishedAt: null, result: undefined } as const;
      await client.operation.update({ where: { id: operation }, data: state });
      expect(await steps.finished(operation)).toMatchObject({ state: 'succeeded' });
      expect([await folders(id), await edits(id)]).toEqual([[], 1]);
    });

    it('is as it was where that is cancelled while the place is read', async () => {
      const { id, ask } = await into('part-cancelled');
      const { tree } = await steps.revision(id);
      let operation = '';
      const cancelled = atFetch(async () => {
        await steps.expect(200, 'POST', `/operations/${operation}/cancel`);
      });
      operation = await ask();
      await cancelled;
      expect(await steps.finished(operation)).toMatchObject({ state: 'cancelled' });
      expect([(await steps.revision(id)).tree, await left('worker')]).toEqual([tree, []]);
    });
  });
});
