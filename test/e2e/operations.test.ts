import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestApi, type TestApi } from '../support/api.js';
import { callApi, clear, gitOf } from '../support/calls.js';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());
beforeEach(() => clear(api));

const call = (method: string, path: string, body?: unknown, headers?: Record<string, string>) =>
  callApi(api, method, path, body, headers);
const create = (name: string, more: object = {}, headers?: Record<string, string>) =>
  call('POST', '/repositories', { name, git: gitOf(name), ...more }, headers);

describe('operations', () => {
  const finish = (id: string, data: object) => api.database.client.operation.update({ where: { id }, data });
  const done = { state: 'succeeded', finishedAt: new Date() };

  it('answers 202, the operation and where it is; a second request shares a sync that has not begun', async () => {
    const { body } = await create('a');
    const first = await call('POST', `/repositories/${body.id}/sync`);
    const second = await call('POST', `/repositories/${body.id}/sync`);
    expect(first).toMatchObject({ status: 202, body: { kind: 'sync', state: 'queued', repositoryId: body.id } });
    expect(first.headers.get('location')).toBe(`/api/v1/operations/${first.body.id}`);
    expect(second.body.id).toBe(first.body.id);
  });

  it('holds the answer on Prefer: wait and gives the finished repository', async () => {
    const { body } = await create('a');
    const held = call('POST', `/repositories/${body.id}/sync`, undefined, { Prefer: 'respond-async, wait=10' });
    const [operation] = await api.database.client.operation.findMany();
    await new Promise((resolve) => setTimeout(resolve, 300));
    await finish(operation?.id ?? '', { ...done, result: { resource: { type: 'Repository', id: body.id } } });
    const answer = await held;
    expect(answer).toMatchObject({ status: 200, body: { id: body.id, name: 'a' } });
    expect(answer.headers.get('preference-applied')).toBe('wait=10');
    expect(answer.headers.get('etag')).toBe(`"${answer.body.etag}"`);
  });

  it('gives the Problem of an operation that failed while it was waited for', async () => {
    const { body } = await create('a');
    const held = call('POST', `/repositories/${body.id}/sync`, undefined, { Prefer: 'wait=10' });
    const [operation] = await api.database.client.operation.findMany();
    await new Promise((resolve) => setTimeout(resolve, 300));
    const error = { code: 'remoteAuthFailed', detail: 'The remote refused the credential.' };
    await finish(operation?.id ?? '', { state: 'failed', error, finishedAt: new Date() });
    const answer = await held;
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
