import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FailedSignIns } from '../../src/audit/failed-sign-ins.js';
import { uuidv7 } from '../../src/domain/uuid.js';
import { signIn } from '../support/sign-in.js';
import { startTestApi, type TestApi } from '../support/api.js';
import { addRepository } from '../support/index-rows.js';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi({ AUTH: 'required' });
});
afterAll(() => api.close());

/** Sends a request and gives its status with the audit entries that it left. */
async function entriesOf(method: string, path: string, token?: string, body?: string) {
  const requestId = uuidv7();
  const { status } = await fetch(`${api.url}/api/v1${path}`, {
    method,
    headers: {
      'X-Request-Id': requestId,
      ...(token !== undefined && { Authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
    },
    ...(body !== undefined && { body }),
  });
  return { status, entries: await api.database.client.auditEntry.findMany({ where: { requestId } }) };
}

const idOf = (token: string) => token.slice(4, 36).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

describe('the audit log holds', () => {
  it('a failed sign-in, and nothing of what was shown', async () => {
    const token = `pks_${'0'.repeat(32)}_${'s'.repeat(43)}`;
    const { status, entries } = await entriesOf('GET', '/me', token);
    expect(status).toBe(401);
    expect(entries).toEqual([
      expect.objectContaining({ action: 'getMe', outcome: 'denied', actor: null, address: '127.0.0.1' }),
    ]);
    expect(JSON.stringify(entries)).not.toContain('sss');
    expect((await entriesOf('POST', '/repositories')).entries).toMatchObject([
      { action: 'createRepository', outcome: 'denied', reason: expect.stringContaining('unauthenticated') },
    ]);
  });

  it('the first of many failed sign-ins from one network, and how many came after it', async () => {
    const { client } = api.database;
    const requestId = uuidv7();
    const from = (address: string) =>
      api.app.inject({
        ...{ method: 'GET', url: '/api/v1/operations', remoteAddress: address },
        headers: { 'x-request-id': requestId, authorization: 'Bearer pks_x' },
      });
    const addresses = Array.from({ length: 40 }, (_, number) => `2001:db8:0:7::${number.toString(16)}`);
    for (const address of addresses) expect((await from(address)).statusCode).toBe(401);
    const entries = () => client.auditEntry.findMany({ where: { action: 'listOperations' }, orderBy: { id: 'asc' } });
    expect(await entries()).toMatchObject([{ requestId, address: addresses[0], outcome: 'denied' }]);
    await api.app.get(FailedSignIns).onModuleDestroy();
    expect(await entries()).toMatchObject([
      { requestId },
      { requestId: null, reason: 'unauthenticated: 39 more from 2001:db8:0:7::/64 within a minute' },
    ]);
  });

  it('who asked for what they are not allowed, and what they lack', async () => {
    const user = `alice-${uuidv7()}`;
    const { id: repositoryId } = await addRepository(api.database);
    const token = await signIn(api.database, user, { role: 'viewer', repositoryId });
    const { status, entries } = await entriesOf('POST', `/repositories/${repositoryId}/sync`, token);
    expect(status).toBe(403);
    expect(entries).toEqual([
      expect.objectContaining({
        ...{ action: 'syncRepository', outcome: 'denied', actor: user, tokenId: idOf(token) },
        ...{ resourceId: repositoryId, reason: 'forbidden: repositories.sync' },
      }),
    ]);
  });

  it('a refusal that only the work itself could make', async () => {
    const { id: repositoryId } = await addRepository(api.database, { deployment: true });
    const token = await signIn(api.database, `bob-${uuidv7()}`, { role: 'author', repositoryId, path: 'edge/**' });
    const place = { repositoryId, target: 'west', package: 'core', workspace: 'one' };
    const body = JSON.stringify({ ...place, source: { type: 'init' } });
    const { status, entries } = await entriesOf('POST', '/package-revisions', token, body);
    expect(status).toBe(403);
    expect(entries).toMatchObject([{ outcome: 'denied', reason: 'forbidden: packageRevisions.create' }]);
  });

  it('who looked for what is hidden from them, but not who asked for what is not there', async () => {
    const { id: repositoryId } = await addRepository(api.database);
    const { id: hidden } = await addRepository(api.database);
    const token = await signIn(api.database, `eve-${uuidv7()}`, { role: 'viewer', repositoryId });
    const refused = await entriesOf('GET', `/repositories/${hidden}`, token);
    expect(refused).toMatchObject({
      ...{ status: 404, entries: [{ resourceId: hidden, reason: 'notFound: repositories.read' }] },
    });
    expect(await entriesOf('GET', `/repositories/${uuidv7()}`, token)).toMatchObject({ status: 404, entries: [] });
    expect(await entriesOf('GET', `/repositories/${repositoryId}`, token)).toMatchObject({ status: 200, entries: [] });
  });
});
