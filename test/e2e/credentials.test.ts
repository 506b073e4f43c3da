import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CredentialVault } from '../../src/vault/credential-vault.js';
import { startTestApi, type TestApi } from '../support/api.js';

const SECRET = 'hunter2-never-shown';
const basic = { type: 'basic', name: 'bot', username: 'git', password: SECRET };

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());
beforeEach(async () => {
  await api.database.client.$executeRaw`TRUNCATE repository, operation, idempotency_key, credential CASCADE`;
});

async function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${api.url}/api/v1${path}`, {
    method,
    headers: { ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  expect(text).not.toContain(SECRET);
  return { status: response.status, headers: response.headers, body: text === '' ? {} : JSON.parse(text) };
}

const opened = async (id: string) =>
  api.app.get(CredentialVault).open(await api.database.client.credential.findUniqueOrThrow({ where: { id } }));

describe('credentials', () => {
  it('keeps the secret sealed and never gives it back', async () => {
    const created = await call('POST', '/credentials', basic);
    expect(created).toMatchObject({ status: 201, body: { name: 'bot', type: 'basic', username: 'git' } });
    expect(Object.keys(created.body)).not.toContain('password');
    expect((await call('GET', `/credentials/${created.body.id}`)).body).toEqual(created.body);
    expect((await call('GET', '/credentials?q=BO')).body.items).toEqual([created.body]);
    const row = await api.database.client.credential.findUniqueOrThrow({ where: { id: created.body.id } });
    expect(Buffer.from(row.sealed).includes(SECRET)).toBe(false);
    expect(await opened(row.id)).toEqual({ username: 'git', password: SECRET });
  });

  it('takes a token, and changes it under a new ETag', async () => {
    const { body } = await call('POST', '/credentials', { type: 'token', name: 'ci', token: SECRET });
    const changed = await call('PATCH', `/credentials/${body.id}`, { token: 'next' }, { 'If-Match': `"${body.etag}"` });
    expect(changed.status).toBe(200);
    expect(changed.body.etag).not.toBe(body.etag);
    expect(await opened(body.id)).toEqual({ token: 'next' });
  });

  it.each([
    [{ ...basic, token: SECRET }, '/token'],
    [{ type: 'token', name: 'a', token: `${SECRET}\n` }, '/token'],
    [{ type: 'token', name: 'a', password: SECRET }, '/token'],
    [{ ...basic, username: 'a:b' }, '/username'],
    [{ ...basic, type: SECRET }, '/type'],
    [{ ...basic, name: 'A B' }, '/name'],
    [{ ...basic, password: '' }, '/password'],
  ])('refuses a bad body without repeating it: %#', async (body, pointer) => {
    const refused = await call('POST', '/credentials', body);
    expect(refused).toMatchObject({ status: 422, body: { code: 'invalidBody' } });
    expect(refused.body.errors.map((error: { pointer: string }) => error.pointer)).toContain(pointer);
    expect(await api.database.client.credential.count()).toBe(0);
  });

  it('keeps no secret beside an Idempotency-Key', async () => {
    await call('POST', '/credentials', basic, { 'Idempotency-Key': 'k' });
    expect(JSON.stringify(await api.database.client.idempotencyKey.findMany())).not.toContain(SECRET);
    expect((await call('POST', '/credentials', basic, { 'Idempotency-Key': 'k' })).status).toBe(201);
  });

  it('refuses a taken name on creation and on change', async () => {
    await call('POST', '/credentials', basic);
    expect(await call('POST', '/credentials', basic)).toMatchObject({ status: 409, body: { code: 'alreadyExists' } });
    const { body } = await call('POST', '/credentials', { ...basic, name: 'bot-2' });
    const renamed = await call('PATCH', `/credentials/${body.id}`, { name: 'bot' }, { 'If-Match': '*' });
    expect(renamed).toMatchObject({ status: 409, body: { code: 'alreadyExists' } });
  });

  it('refuses another type and the fields of another type', async () => {
    const { body } = await call('POST', '/credentials', basic);
    const patch = (change: object) => call('PATCH', `/credentials/${body.id}`, change, { 'If-Match': '*' });
    expect(await patch({ type: 'token' })).toMatchObject({ status: 422, body: { code: 'immutableField' } });
    expect(await patch({ token: SECRET })).toMatchObject({ status: 422, body: { errors: [{ pointer: '/token' }] } });
    expect(await patch({ type: 'basic', description: null })).toMatchObject({ status: 200 });
    expect(await opened(body.id)).toEqual({ username: 'git', password: SECRET });
  });

  it('stays while a repository uses it', async () => {
    const { body } = await call('POST', '/credentials', basic);
    const git = { url: 'https://git.example.com/a', credentialId: body.id };
    const repository = await call('POST', '/repositories', { name: 'a', git });
    const path = `/credentials/${body.id}`;
    expect((await call('DELETE', path)).status).toBe(428);
    expect((await call('DELETE', path, undefined, { 'If-Match': '"stale"' })).status).toBe(412);
    expect(await call('DELETE', path, undefined, { 'If-Match': '*' })).toMatchObject({
      status: 409,
      body: { code: 'inUse', repositories: ['a'] },
    });
    const released = { git: { credentialId: null } };
    await call('PATCH', `/repositories/${repository.body.id}`, released, { 'If-Match': '*' });
    expect((await call('DELETE', path, undefined, { 'If-Match': '*' })).status).toBe(204);
    expect((await call('DELETE', path, undefined, { 'If-Match': '*' })).status).toBe(404);
  });

  it('answers 404 for ids that are unknown or no ids', async () => {
    for (const id of [randomUUID(), '1', '%2e%2e']) expect((await call('GET', `/credentials/${id}`)).status).toBe(404);
  });
});
