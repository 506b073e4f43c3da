import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { uuidv7 } from '../../src/domain/uuid.js';
import { Outbox } from '../../src/jobs/outbox.js';
import { INSTANCE_SCOPE } from '../../src/jobs/work-scope.js';
import { eventsOn } from '../support/events.js';
import { startTestApi, type TestApi } from '../support/api.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { type Body, HttpClient } from '../support/http-client.js';
import { addRepository } from '../support/index-rows.js';
import { startPkgserver } from '../support/pkgserver.js';
import { startProcess } from '../support/process.js';
import { signIn } from '../support/sign-in.js';

const target = { type: 'Instance', id: INSTANCE_SCOPE, name: 'pkgserver' } as const;

describe('an operation on the instance', () => {
  let api: TestApi;
  let id: string;
  let repositoryId: string;
  beforeAll(async () => {
    api = await startTestApi({ AUTH: 'required' });
    repositoryId = (await addRepository(api.database)).id;
    const request = { kind: 'retention', repositoryId: null, target, payload: {}, requestedBy: 'root' } as const;
    id = (
      await api.database.transaction(() =>
        new Outbox(api.database, api.doorbell, eventsOn(api.database).operations).start(request),
      )
    ).id;
  });
  afterAll(() => api?.close());

  const as = async (...roles: Parameters<typeof signIn>[2][]) => {
    const token = await signIn(api.database, `u-${uuidv7()}`, ...roles);
    return new HttpClient(api.url, { Authorization: `Bearer ${token}` }).call;
  };

  it('is shown to whoever may see the whole instance, with what it waits for', async () => {
    const call = await as({ role: 'viewer' });
    const { status, body } = await call('GET', `/operations/${id}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ kind: 'retention', repositoryId: null, target, waitingFor: 'A free worker.' });
    const { body: page } = await call('GET', '/operations?kind=retention');
    expect(page.items.map((operation: Body) => operation.id)).toContain(id);
  });

  it('shows nowhere to whoever may see repositories only', async () => {
    const call = await as({ role: 'repositoryAdmin', repositoryId }, { role: 'author', repositoryId, path: 'a/**' });
    expect((await call('GET', '/operations')).body.items).toEqual([]);
    expect((await call('GET', `/operations/${id}`)).status).toBe(404);
    expect((await call('POST', `/operations/${id}/cancel`)).status).toBe(404);
    expect((await call('POST', `/operations/${id}/retry`)).status).toBe(404);
  });

  it('is steered by whoever may steer all operations', async () => {
    expect((await (await as({ role: 'viewer' }))('POST', `/operations/${id}/cancel`)).status).toBe(403);
    const call = await as({ role: 'admin' });
    expect((await call('POST', `/operations/${id}/cancel`)).body).toMatchObject({ state: 'cancelled' });
    const again = await call('POST', `/operations/${id}/retry`);
    expect(again).toMatchObject({ status: 409, body: { code: 'stateConflict' } });
    await api.database.client.operation.update({ where: { id }, data: { state: 'failed' } });
    expect((await call('POST', `/operations/${id}/retry`)).body).toMatchObject({ state: 'queued', repositoryId: null });
  });
});

describe('the retention of a process', () => {
  const ROWS = 30_000;
  let test: TestDatabase;
  let dataDir: string;
  beforeAll(async () => {
    test = await createTestDatabase();
    dataDir = await mkdtemp(join(tmpdir(), 'pkgserver-instance-'));
    // As if they had been asked for, and had ended, long ago.
    await test.database.client.$executeRaw`
      INSERT INTO operation (id, kind, state, repository_id, target, requested_by, created_at, finished_at)
      SELECT ('01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'sync', 'succeeded', gen_random_uuid(),
        '{}', 'ada', now() - interval '90 days', now() - interval '90 days'
      FROM generate_series(1, ${ROWS}::int) n`;
  });
  afterAll(async () => {
    await test?.drop();
    await rm(dataDir, { recursive: true, force: true });
  });

  const old = () => test.database.client.operation.count({ where: { kind: 'sync' } });
  const retentions = () =>
    test.database.client.operation.findMany({ where: { kind: 'retention' }, orderBy: { id: 'asc' } });

  it('is begun by itself, survives kill -9 at any step, and is ended by the next process', async () => {
    const settings = {
      DATABASE_URL: test.url,
      DATA_DIR: dataDir,
      LEASE_SECONDS: '1',
      SWEEP_INTERVAL_MS: '50',
      RETENTION_INTERVAL_SECONDS: '3600',
    };
    const killed = await startProcess(settings);
    await expect.poll(old, { interval: 10 }).toBeLessThan(ROWS);
    await killed.kill();
    const left = await old();
    expect(left).toBeGreaterThan(0);
    expect(left % 1_000, 'a step is whole or not at all').toBe(0);
    expect(await retentions()).toMatchObject([{ state: 'running', attempts: 1, requestedBy: 'pkgserver:worker' }]);

    const stopped = await startProcess(settings);
    await expect.poll(old, { interval: 10 }).toBeLessThan(left);
    expect(await stopped.stop()).toBe(0);

    const last = await startPkgserver(settings);
    await expect.poll(async () => (await retentions())[0]?.state).toBe('succeeded');
    expect(await old()).toBe(0);
    expect(await retentions()).toHaveLength(1);
    const { body } = await new HttpClient(last.url).call('GET', '/operations?kind=retention');
    const removed = { operations: expect.any(Number), idempotencyKeys: 0, trees: 0, blobs: 0 };
    expect(body.items).toMatchObject([{ repositoryId: null, state: 'succeeded', result: { removed } }]);
    await last.stop();
  });
});
