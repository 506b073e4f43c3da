import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { OperationStore } from '../../src/features/operations/operation.store.js';
import { OperationWaits } from '../../src/features/operations/operation-waits.js';
import { startTestApi, type TestApi } from '../support/api.js';
import { type Call, HttpClient } from '../support/http-client.js';
import { clear, gitOf } from '../support/index-rows.js';

let api: TestApi;
let call: Call;
beforeAll(async () => {
  api = await startTestApi();
  call = new HttpClient(api.url).call;
});
afterAll(() => api.close());
beforeEach(() => clear(api));

const create = (name: string, more: object = {}, headers?: Record<string, string>) =>
  call('POST', '/repositories', { name, git: gitOf(name), ...more }, headers);

describe('operations', () => {
  const finish = (id: string, data: object) => api.database.client.operation.update({ where: { id }, data });
  const done = { state: 'succeeded', finishedAt: new Date() };
  /** Asks for a sync and waits for it; `begun` once it shares the one that waits already, and is held. */
  const hold = (repositoryId: string, prefer: string) => {
    const rings = api.doorbell.rings.length;
    const answer = call('POST', `/repositories/${repositoryId}/sync`, undefined, { Prefer: prefer });
    const begun = async () => {
      await expect.poll(() => api.doorbell.rings.length).toBe(rings + 1);
      await new Promise((resolve) => setTimeout(resolve, 300));
    };
    return { answer, begun };
  };

  it('answers 202, the operation and where it is; a second request shares a sync that has not begun', async () => {
    const { body } = await create('a');
    const first = await call('POST', `/repositories/${body.id}/sync`);
    const second = await call('POST', `/repositories/${body.id}/sync`);
    expect(first).toMatchObject({ status: 202, body: { kind: 'sync', state: 'queued', repositoryId: body.id } });
    expect(first.headers.get('location')).toBe(`/api/v1/operations/${first.body.id}`);
    expect(second.body.id).toBe(first.body.id);
  });

  it('answers a rehearsed sync with the repository, and leaves nothing to follow', async () => {
    const { body } = await create('a');
    await api.database.client.operation.deleteMany();
    const answer = await call('POST', `/repositories/${body.id}/sync?dryRun=true`);
    expect(answer).toMatchObject({ status: 200, body: { id: body.id, name: 'a' } });
    expect(answer.headers.get('location')).toBeNull();
    expect(answer.headers.get('dry-run-operation')).toBe('sync');
    expect(await api.database.client.operation.count()).toBe(0);
  });

  it('says so where the finished answer belongs to a request that was repeated', async () => {
    const { body } = await create('a');
    const headers = { Prefer: 'wait=10', 'Idempotency-Key': 'sync-1' };
    const sync = () => call('POST', `/repositories/${body.id}/sync`, undefined, headers);
    const first = sync();
    await expect.poll(() => api.database.client.idempotencyKey.count()).toBe(1);
    const [operation] = await api.database.client.operation.findMany();
    await finish(operation?.id ?? '', { ...done, result: { resource: { type: 'Repository', id: body.id } } });
    expect((await first).headers.get('idempotency-replayed')).toBeNull();
    const again = await sync();
    expect(again).toMatchObject({ status: 200, body: { id: body.id } });
    expect(again.headers.get('idempotency-replayed')).toBe('true');
  });

  it('holds the answer on Prefer: wait and gives the finished repository', async () => {
    const { body } = await create('a');
    const held = hold(body.id, 'respond-async, wait=10');
    const [operation] = await api.database.client.operation.findMany();
    await held.begun();
    await finish(operation?.id ?? '', { ...done, result: { resource: { type: 'Repository', id: body.id } } });
    const answer = await held.answer;
    expect(answer).toMatchObject({ status: 200, body: { id: body.id, name: 'a' } });
    expect(answer.headers.get('preference-applied')).toBe('wait=10');
    expect(answer.headers.get('etag')).toBe(`"${answer.body.etag}"`);
  });

  it('gives the Problem of an operation that failed while it was waited for', async () => {
    const { body } = await create('a');
    const held = hold(body.id, 'wait=10');
    const [operation] = await api.database.client.operation.findMany();
    await held.begun();
    const error = { code: 'remoteAuthFailed', detail: 'The remote refused the credential.' };
    await finish(operation?.id ?? '', { state: 'failed', error, finishedAt: new Date() });
    const answer = await held.answer;
    expect(answer).toMatchObject({ status: 502, body: { ...error, status: 502, title: expect.any(String) } });
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
  });

  it('gives 202 when time is up', async () => {
    const { body } = await create('a');
    const answer = await call('POST', `/repositories/${body.id}/sync`, undefined, { Prefer: 'wait=1' });
    expect([answer.status, answer.headers.get('preference-applied')]).toEqual([202, 'wait=1']);
  });

  it('holds GET of an operation until it has ended', async () => {
    await create('a');
    const [operation] = await api.database.client.operation.findMany();
    const held = Array.from({ length: 5 }, () => call('GET', `/operations/${operation?.id}?wait=20`));
    await new Promise((resolve) => setTimeout(resolve, 200));
    await finish(operation?.id ?? '', done);
    for (const answer of await Promise.all(held))
      expect(answer).toMatchObject({ status: 200, body: { state: 'succeeded' } });
  });

  it('cancels what waits, asks what runs to stop, retries what failed, and refuses the rest', async () => {
    await create('a');
    const [operation] = await api.database.client.operation.findMany();
    const id = operation?.id ?? '';
    const act = (action: string) => call('POST', `/operations/${id}/${action}`);
    expect(await act('retry')).toMatchObject({ status: 409, body: { code: 'stateConflict' } });
    expect(await act('cancel')).toMatchObject({ status: 200, body: { state: 'cancelled' } });
    expect(await act('cancel')).toMatchObject({ status: 409, body: { code: 'stateConflict' } });
    await finish(id, { state: 'running', finishedAt: null });
    expect(await act('cancel')).toMatchObject({ status: 200, body: { state: 'running' } });
    expect(await api.database.client.operation.findUnique({ where: { id } })).toMatchObject({ cancelRequested: true });
    await finish(id, { state: 'failed', error: { code: 'remoteTimeout', detail: 'Too slow.' } });
    expect((await call('GET', `/operations/${id}`)).body.error).toMatchObject({ code: 'remoteTimeout', status: 504 });
    api.doorbell.rings.length = 0;
    expect(await act('retry')).toMatchObject({ status: 200, body: { state: 'queued', error: null } });
    expect(api.doorbell.rings).toHaveLength(1);
    await finish(id, { kind: 'push' });
    expect(await act('cancel')).toMatchObject({ status: 409, body: { code: 'stateConflict' } });
  });

  it('does not retry beside an operation that does the same', async () => {
    const { body } = await create('a');
    const [failed] = await api.database.client.operation.findMany();
    await finish(failed?.id ?? '', { state: 'failed', error: { code: 'remoteTimeout', detail: 'Too slow.' } });
    await call('POST', `/repositories/${body.id}/sync`);
    expect(await call('POST', `/operations/${failed?.id}/retry`)).toMatchObject({
      status: 409,
      body: { code: 'operationInProgress' },
    });
  });
});

describe('what an operation waits for', () => {
  const FREE_WORKER = 'A free worker.';
  const EARLIER_WORK = 'Earlier work in this repository.';
  const inAnHour = () => new Date(Date.now() + 3_600_000);
  const anHourAgo = () => new Date(Date.now() - 3_600_000);

  const waitingFor = async (id: string) => (await call('GET', `/operations/${id}`)).body.waitingFor as string | null;
  const block = (repositoryId: string, blockedUntil: Date | null) =>
    api.database.client.repositoryPolling.update({ where: { repositoryId }, data: { blockedUntil } });
  const lease = (repositoryId: string, expiresAt: Date) =>
    api.database.client.lease.upsert({
      where: { scopeId: repositoryId },
      create: { scopeId: repositoryId, holder: randomUUID(), expiresAt },
      update: { expiresAt },
    });

  /** A push in a repository, waiting for a worker. */
  async function queued(name: string): Promise<{ id: string; repositoryId: string }> {
    const { body } = await create(name);
    const { id } = await api.database.client.operation.findFirstOrThrow({ where: { repositoryId: body.id } });
    await api.database.client.operation.update({ where: { id }, data: { kind: 'push' } });
    return { id, repositoryId: body.id };
  }

  afterEach(() => api.database.client.lease.deleteMany());

  it('is a free worker, unless a worker is at its repository', async () => {
    const { id, repositoryId } = await queued('a');
    expect(await waitingFor(id)).toBe(FREE_WORKER);
    await lease(repositoryId, inAnHour());
    expect(await waitingFor(id)).toBe(EARLIER_WORK);
    await lease(repositoryId, anHourAgo());
    expect(await waitingFor(id)).toBe(FREE_WORKER);
  });

  it('is the next attempt, while the remote is left alone; but a sync is an attempt itself', async () => {
    const { id, repositoryId } = await queued('a');
    const until = inAnHour();
    await block(repositoryId, until);
    expect(await waitingFor(id)).toBe(`The remote could not be read; the next attempt is at ${until.toISOString()}.`);
    await api.database.client.operation.update({ where: { id }, data: { kind: 'sync' } });
    expect(await waitingFor(id)).toBe(FREE_WORKER);
    await api.database.client.operation.update({ where: { id }, data: { kind: 'publish' } });
    await block(repositoryId, anHourAgo());
    expect(await waitingFor(id)).toBe(FREE_WORKER);
  });

  it('is what failed last while it runs, nothing while it is worked on, and nothing once it has ended', async () => {
    const { id, repositoryId } = await queued('a');
    await block(repositoryId, inAnHour());
    await lease(repositoryId, inAnHour());
    const state = (data: object) => api.database.client.operation.update({ where: { id }, data });
    await state({ state: 'running', waitingFor: 'git.example.com refuses the connection.' });
    expect(await waitingFor(id)).toBe('git.example.com refuses the connection.');
    await state({ waitingFor: null });
    expect(await waitingFor(id)).toBeNull();
    for (const end of ['succeeded', 'failed', 'cancelled'] as const) {
      await state({ state: end, error: end === 'failed' ? { code: 'remoteTimeout', detail: 'Too slow.' } : undefined });
      expect(await waitingFor(id)).toBeNull();
    }
  });

  it('is said in the answer that accepts it, in one that was held, and by cancel and retry', async () => {
    const { id, repositoryId } = await queued('a');
    await lease(repositoryId, inAnHour());
    const accepted = await call('POST', `/repositories/${repositoryId}/sync`);
    expect(accepted).toMatchObject({ status: 202, body: { waitingFor: EARLIER_WORK } });
    const held = await call('POST', `/repositories/${repositoryId}/sync`, undefined, { Prefer: 'wait=1' });
    expect(held).toMatchObject({ status: 202, body: { waitingFor: EARLIER_WORK } });
    const data = { state: 'failed', error: { code: 'remoteTimeout', detail: 'Too slow.' } } as const;
    await api.database.client.operation.update({ where: { id }, data });
    expect((await call('POST', `/operations/${id}/retry`)).body).toMatchObject({ waitingFor: EARLIER_WORK });
    expect((await call('POST', `/operations/${accepted.body.id}/cancel`)).body).toMatchObject({ waitingFor: null });
  });

  it('is said in lists, each by its own repository', async () => {
    const [free, busy, blocked] = [await queued('free'), await queued('busy'), await queued('blocked')];
    await lease(busy.repositoryId, inAnHour());
    const until = inAnHour();
    await block(blocked.repositoryId, until);
    const { items } = (await call('GET', '/operations')).body as { items: { id: string; waitingFor: string }[] };
    expect(Object.fromEntries(items.map((item) => [item.id, item.waitingFor]))).toEqual({
      [free.id]: FREE_WORKER,
      [busy.id]: EARLIER_WORK,
      [blocked.id]: `The remote could not be read; the next attempt is at ${until.toISOString()}.`,
    });
  });

  it('costs one query, however long the list is, and none where nothing is queued', async () => {
    for (const name of ['a', 'b', 'c']) await queued(name);
    const rows = await api.database.client.operation.findMany();
    const read = vi.spyOn(api.database, 'readByKey');
    const waits = new OperationWaits(new OperationStore(api.database));
    expect((await waits.explain(rows)).map(({ waitingFor }) => waitingFor)).toEqual(rows.map(() => FREE_WORKER));
    expect([rows.length, read.mock.calls.length]).toEqual([3, 1]);
    const running = rows.map((row) => ({ ...row, state: 'running' as const }));
    expect(await waits.explain(running)).toEqual(running);
    expect(read).toHaveBeenCalledTimes(1);
    read.mockRestore();
  });
});
