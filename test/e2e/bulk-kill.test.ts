import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Item, outcomes, pushDrafts } from '../support/bulk.js';
import { deployWeb, publishWeb } from '../support/deployments.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { GitFixture } from '../support/git-fixture.js';
import { GitServer } from '../support/git-server.js';
import { type PkgserverProcess, startProcess } from '../support/process.js';
import { Steps } from '../support/steps.js';

const COUNT = 200;
const names = Array.from({ length: COUNT }, (_, index) => `p${String(index).padStart(3, '0')}`);

/** kill -9 of the worker while it judges, and while it pushes: what was accepted is done, each once. */
describe('kill -9 in the middle of a bulk request', () => {
  let git: GitServer;
  let test: TestDatabase;
  let dataDir: string;
  let fixture: GitFixture;
  let api: PkgserverProcess;
  let worker: PkgserverProcess;
  const start = (role: 'api' | 'worker') =>
    startProcess({
      ROLE: role,
      DATABASE_URL: test.url,
      DATA_DIR: join(dataDir, role),
      CREDENTIALS_KEY: Buffer.alloc(32, 7).toString('base64'),
      LEASE_SECONDS: '3',
      SWEEP_INTERVAL_MS: '100',
      SYNC_INTERVAL_SECONDS: '3600',
    });

  beforeAll(async () => {
    git = await GitServer.start();
    test = await createTestDatabase();
    dataDir = await mkdtemp(join(tmpdir(), 'pkgserver-bulk-kill-'));
    const { url, path } = await git.createRepository('fleet');
    fixture = GitFixture.create(path);
    [api, worker] = [await start('api'), await start('worker')];
    await pushDrafts(fixture, names);
    await new Steps(api.url).register({ name: 'fleet', url });
  }, 120_000);
  afterAll(async () => {
    git?.onRequest(null);
    await Promise.all([api?.stop(), worker?.stop()]);
    await test?.drop();
    await git?.stop();
    await rm(dataDir, { recursive: true, force: true });
  }, 60_000);

  it('publishes each once that it approves, and says so of each', async () => {
    const steps = new Steps(api.url);
    const ask = (body: object) => steps.call('POST', '/package-revisions/bulk', body);
    const proposed = await ask({ action: 'propose', filter: { lifecycle: ['draft'] } });
    expect(outcomes(proposed.body.items)).toEqual(names.map(() => 'succeeded'));
    const ids: string[] = proposed.body.items.map(({ id }: Item) => id);

    const { body } = await ask({ action: 'approve', items: ids.map((id) => ({ id, etag: '*' })) });
    const judged = async () => {
      const [row] = await test.database.client.$queryRaw<{ count: number }[]>`
        SELECT count(*)::int AS count FROM operation_item WHERE operation_id = ${body.id}::uuid AND state <> 'waiting'`;
      return row?.count ?? 0;
    };
    await expect.poll(judged, { interval: 5 }).toBeGreaterThan(0);
    await worker.kill();
    expect(await judged()).toBeLessThan(COUNT);

    const killed = new Promise<void>((resolve) => {
      git.onRequest(async ({ service, phase, method }) => {
        if (service !== 'git-receive-pack' || method !== 'POST' || phase !== 'after') return undefined;
        git.onRequest(null);
        await worker.kill();
        resolve();
        return 'drop';
      });
    });
    worker = await start('worker');
    await killed;
    worker = await start('worker');

    const result = { items: { succeeded: COUNT, failed: 0, cancelled: 0 } };
    expect(await steps.finished(body.id as string)).toMatchObject({ state: 'succeeded', result });
    expect((await fixture.tags()).toSorted()).toEqual(names.map((name) => `${name}/v1`));
    const merges = (await fixture.log()).filter(({ parents }) => parents.length === 2);
    expect(merges).toHaveLength(COUNT);
    const where = { kind: 'publish' } as const;
    expect(await test.database.client.operation.count({ where })).toBe(COUNT);
    const approvals = await test.database.client.approval.groupBy({ by: ['revisionId'], _count: true });
    expect(approvals.map(({ _count }) => _count)).toEqual(ids.map(() => 1));
    const entries = { where: { action: 'approvePackageRevision' } };
    expect(await test.database.client.auditEntry.count(entries)).toBe(COUNT);
    await fixture.check();
  });

  it('makes one draft of each package that it upgrades, and says so', async () => {
    const steps = new Steps(api.url);
    const [catalog, fleet] = [await git.createRepository('blueprints'), await git.createRepository('deployments')];
    const first = await publishWeb(steps, await steps.register({ name: 'blueprints', url: catalog.url }), 1);
    await deployWeb(GitFixture.create(fleet.path), names, { repo: catalog.url, commit: first.commit });
    const repositoryId = await steps.register({ name: 'deployments', url: fleet.url });
    const { body: upstream } = await steps.expect(200, 'GET', `/package-revisions/${first.id}`);
    await publishWeb(steps, upstream.repositoryId as string, 2, first.id);

    const body = { action: 'upgrade', filter: { repositoryId, latest: true }, parameters: { workspace: 'v2' } };
    const asked = steps.call('POST', '/package-revisions/bulk', body);
    const { client } = test.database;
    const made = () => client.packageRevision.count({ where: { repositoryId, workspace: 'v2' } });
    await expect.poll(made, { interval: 5 }).toBeGreaterThan(0);
    await worker.kill();
    expect(await made()).toBeLessThan(COUNT);
    worker = await start('worker');
    const { status, body: answer } = await asked;
    const ended = status === 200 ? answer.operationId : answer.id;
    expect(await steps.finished(ended as string)).toMatchObject({
      ...{ state: 'succeeded', result: { items: { succeeded: COUNT, failed: 0, cancelled: 0 } } },
    });
    expect(await made()).toBe(COUNT);
    const items = await client.operationItem.findMany({ where: { operationId: ended as string } });
    expect(new Set(items.map(({ draftId }) => draftId)).size).toBe(COUNT);
  }, 120_000);
});
