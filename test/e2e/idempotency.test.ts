import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
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
const rows = () => api.database.client.repository.count();

describe('Idempotency-Key', () => {
  const key = { 'Idempotency-Key': 'k-1' };

  it('replays the first answer and does nothing again', async () => {
    const first = await create('a', {}, key);
    const second = await create('a', {}, key);
    expect(second.status).toBe(201);
    expect(second.body).toEqual(first.body);
    expect(second.headers.get('location')).toBe(first.headers.get('location'));
    expect(second.headers.get('etag')).toBe(first.headers.get('etag'));
    expect([first, second].map(({ headers }) => headers.get('idempotency-replayed'))).toEqual([null, 'true']);
    expect(await rows()).toBe(1);
  });

  it('refuses the key for another request, and keeps it apart for another actor', async () => {
    await create('a', {}, key);
    expect(await create('b', {}, key)).toMatchObject({ status: 422, body: { code: 'idempotencyKeyReused' } });
    expect((await create('b', {}, { ...key, 'X-Remote-User': 'bob' })).status).toBe(201);
  });

  it('lets one of ten concurrent twins do it and gives all the same answer', async () => {
    const twins = await Promise.all(Array.from({ length: 10 }, () => create('a', {}, key)));
    expect(new Set(twins.map(({ status, body }) => `${status} ${body.id}`)).size).toBe(1);
    expect(twins.filter(({ headers }) => headers.get('idempotency-replayed') === null)).toHaveLength(1);
    expect(await rows()).toBe(1);
  });

  it('keeps nothing of a failure', async () => {
    const refused = await create('a', { git: gitOf('a', { ref: 'a..b' }) }, key);
    expect(refused.status).toBe(422);
    expect((await create('a', {}, key)).status).toBe(201);
  });

  it('forgets after 24 hours', async () => {
    await create('a', {}, key);
    const yesterday = new Date(Date.now() - 25 * 60 * 60 * 1000);
    await api.database.client.idempotencyKey.updateMany({ data: { createdAt: yesterday } });
    expect((await create('b', {}, key)).status).toBe(201);
    expect(await api.database.client.idempotencyKey.count()).toBe(1);
  });

  it.each(['a b', 'x'.repeat(256), 'é'])('refuses the key %s', async (value) => {
    const refused = await create('a', {}, { 'Idempotency-Key': value });
    expect(refused).toMatchObject({ status: 400, body: { code: 'badRequest' } });
    expect(await rows()).toBe(0);
  });
});
