import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { uuidv7 } from '../../src/domain/uuid.js';
import { signIn } from '../support/sign-in.js';
import { startTestApi, type TestApi } from '../support/api.js';
import { type Body, HttpClient } from '../support/http-client.js';
import { addRepository } from '../support/index-rows.js';

let api: TestApi;
let admin: string;
beforeAll(async () => {
  api = await startTestApi({ AUTH: 'required' });
  admin = await signIn(api.database, 'root', { role: 'admin' });
});
afterAll(() => api.close());

/** Calls as the holder of a token, whatever the header names. */
const as = (token: string) =>
  new HttpClient(api.url, { 'X-Remote-User': 'ada', Authorization: `Bearer ${token}` }).call;
const ANY = { 'If-Match': '*' };
const unique = () => `u-${uuidv7()}`;
const draft = (repositoryId: string, path: string, workspace = 'one') => {
  const [target, name] = path.split('/');
  return { repositoryId, target, package: name, workspace, source: { type: 'init' } };
};

describe('role bindings', () => {
  it('count at once, and are gone at once', async () => {
    const { id: repositoryId } = await addRepository(api.database, { deployment: true });
    const user = unique();
    const alice = as(await signIn(api.database, user));
    expect((await alice('GET', `/repositories/${repositoryId}`)).status).toBe(404);
    const given = await as(admin)('POST', '/role-bindings', {
      role: 'author',
      subject: { type: 'user', name: user },
      repositoryId,
      path: 'edge*/**',
    });
    expect(given.status).toBe(201);
    expect((await alice('GET', `/repositories/${repositoryId}`)).status).toBe(200);
    expect((await alice('POST', '/package-revisions', draft(repositoryId, 'edge-1/core'))).status).toBe(201);
    const elsewhere = await alice('POST', '/package-revisions', draft(repositoryId, 'west-1/core'));
    expect(elsewhere).toMatchObject({ status: 403, body: { permission: 'packageRevisions.create' } });
    expect((await as(admin)('DELETE', `/role-bindings/${given.body.id}`, undefined, ANY)).status).toBe(204);
    expect((await alice('POST', '/package-revisions', draft(repositoryId, 'edge-1/more'))).status).toBe(403);
  });

  it('reach whoever is in the group', async () => {
    const { id: repositoryId } = await addRepository(api.database);
    const subject = { type: 'group', name: 'team edge' };
    await as(admin)('POST', '/role-bindings', { role: 'viewer', subject, repositoryId });
    const made = await as(admin)('POST', '/api-tokens', { description: 'x', user: unique() });
    const { database } = api;
    await database.client.apiToken.update({ where: { id: made.body.id }, data: { groups: ['team edge'] } });
    expect((await as(made.body.token as string)('GET', `/repositories/${repositoryId}`)).status).toBe(200);
  });

  const shapes: [string, object, number, string][] = [
    ['admin in a repository', { role: 'admin', repositoryId: 'R' }, 422, '/repositoryId'],
    ['auditor in a repository', { role: 'auditor', repositoryId: 'R' }, 422, '/repositoryId'],
    ['repositoryAdmin on a path', { role: 'repositoryAdmin', repositoryId: 'R', path: 'a/**' }, 422, '/path'],
    ['a path of no repository', { role: 'viewer', path: 'a/**' }, 422, '/path'],
    ['no path pattern', { role: 'viewer', repositoryId: 'R', path: '**/a' }, 422, '/path'],
    ['an unknown repository', { role: 'viewer', repositoryId: uuidv7() }, 422, '/repositoryId'],
    ['an unknown role', { role: 'owner' }, 422, '/role'],
    [
      'a name of the service itself',
      { role: 'admin', subject: { type: 'user', name: 'pkgserver:admin' } },
      422,
      '/subject/name',
    ],
  ];
  it.each(shapes)('are refused for %s', async (_, body, status, pointer) => {
    const { id } = await addRepository(api.database);
    const text = JSON.stringify({ subject: { type: 'user', name: 'bob' }, ...body }).replace('"R"', `"${id}"`);
    const response = await as(admin)('POST', '/role-bindings', text);
    expect(response.status).toBe(status);
    expect(response.body.errors?.[0]?.pointer).toBe(pointer);
  });

  it('are made once', async () => {
    const body = { role: 'viewer', subject: { type: 'user', name: unique() } };
    const answers = await Promise.all([1, 2, 3, 4].map(() => as(admin)('POST', '/role-bindings', body)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409]);
  });

  it('of a repository are given and taken by its administrator, and no others are', async () => {
    const { id: repositoryId } = await addRepository(api.database);
    const { id: other } = await addRepository(api.database);
    const owner = as(await signIn(api.database, unique(), { role: 'repositoryAdmin', repositoryId }));
    const subject = { type: 'user', name: unique() };
    const given = await owner('POST', '/role-bindings', { role: 'approver', subject, repositoryId });
    expect(given.status).toBe(201);
    expect((await owner('POST', '/role-bindings', { role: 'viewer', subject, repositoryId: other })).status).toBe(422);
    expect((await owner('POST', '/role-bindings', { role: 'viewer', subject })).status).toBe(403);
    expect((await owner('POST', '/role-bindings', { role: 'admin', subject })).status).toBe(403);
    const foreign = await as(admin)('POST', '/role-bindings', { role: 'viewer', subject, repositoryId: other });
    expect((await owner('DELETE', `/role-bindings/${foreign.body.id}`, undefined, ANY)).status).toBe(404);
    const { body } = await owner('GET', '/role-bindings');
    expect(new Set(body.items.map((item: Body) => item.repositoryId))).toEqual(new Set([repositoryId]));
    expect((await owner('DELETE', `/role-bindings/${given.body.id}`, undefined, ANY)).status).toBe(204);
  });
});

describe('API tokens', () => {
  it('are shown once, work at once, and are revoked at once', async () => {
    const alice = as(await signIn(api.database, unique(), { role: 'viewer' }));
    const made = await alice('POST', '/api-tokens', { description: 'nightly' });
    expect(made.status).toBe(201);
    const token = String(made.body.token);
    expect(token).toMatch(/^pks_[0-9a-f]{32}_[\w-]{43}$/);
    const days = (Date.parse(String(made.body.expiresAt)) - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(89.9);
    expect(days).toBeLessThan(90.1);
    expect((await as(token)('GET', '/me')).body).toMatchObject({ tokenId: made.body.id });
    const read = await alice('GET', `/api-tokens/${made.body.id}`);
    expect(read.text).not.toContain(token.slice(-43));
    expect((await alice('GET', '/api-tokens')).text).not.toContain(token.slice(-43));
    expect((await alice('DELETE', `/api-tokens/${made.body.id}`, undefined, ANY)).status).toBe(204);
    expect((await as(token)('GET', '/me')).status).toBe(401);
    expect((await alice('GET', `/api-tokens/${made.body.id}`)).body).toMatchObject({ revokedAt: expect.any(String) });
  });

  it('are kept nowhere but as a hash, whatever the request said', async () => {
    const user = unique();
    const alice = as(await signIn(api.database, user, { role: 'viewer' }));
    const key = { 'Idempotency-Key': uuidv7() };
    const first = await alice('POST', '/api-tokens', { description: 'once' }, key);
    const again = await alice('POST', '/api-tokens', { description: 'once' }, key);
    expect(first.body.token).toBeTypeOf('string');
    expect(again).toMatchObject({ status: 201, body: { id: first.body.id } });
    expect(again.body.token).toBeUndefined();
    const secret = String(first.body.token).slice(-43);
    const tables = await api.database.client.$queryRaw<{ name: string }[]>`
      SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'`;
    for (const { name } of tables) {
      const rows = await api.database.client.$queryRawUnsafe<{ found: number }[]>(
        `SELECT count(*)::int AS found FROM "${name}" t WHERE t::text LIKE '%${secret}%'`,
      );
      expect(rows[0]?.found, name).toBe(0);
    }
  });

  it('of others are not there, but for who manages them', async () => {
    const bob = unique();
    const alice = as(await signIn(api.database, unique()));
    const made = await as(admin)('POST', '/api-tokens', { description: 'for bob', user: bob });
    expect(made.body).toMatchObject({ user: bob, createdBy: 'root' });
    expect((await alice('GET', `/api-tokens/${made.body.id}`)).status).toBe(404);
    expect((await alice('DELETE', `/api-tokens/${made.body.id}`, undefined, ANY)).status).toBe(404);
    expect((await alice('GET', `/api-tokens?user=${bob}`)).body.items).toEqual([]);
    expect((await alice('POST', '/api-tokens', { description: 'x', user: bob })).status).toBe(403);
    expect((await as(admin)('GET', `/api-tokens?user=${bob}`)).body.items).toHaveLength(1);
  });

  it('that are narrowed make no tokens', async () => {
    const user = unique();
    await signIn(api.database, user, { role: 'viewer' });
    const full = as(await signIn(api.database, user));
    const narrow = await full('POST', '/api-tokens', { description: 'x', roles: ['viewer'] });
    expect((await as(String(narrow.body.token))('POST', '/api-tokens', { description: 'y' })).status).toBe(403);
  });

  it('say when they were last used', async () => {
    const alice = as(await signIn(api.database, unique()));
    const { body } = await alice('POST', '/api-tokens', { description: 'x' });
    await as(String(body.token))('GET', '/me');
    await expect
      .poll(async () => (await alice('GET', `/api-tokens/${body.id}`)).body.lastUsedAt)
      .toEqual(expect.any(String));
  });
});

describe('what someone may see', () => {
  it('is all that lists show', async () => {
    const seen = await addRepository(api.database, { deployment: true });
    const partly = await addRepository(api.database, { deployment: true });
    const hidden = await addRepository(api.database, { deployment: true });
    for (const { id } of [seen, partly, hidden]) {
      for (const path of ['edge-1/core', 'edge_2/core', 'west-1/core']) {
        expect((await as(admin)('POST', '/package-revisions', draft(id, path))).status).toBe(201);
      }
    }
    const alice = as(
      await signIn(
        api.database,
        unique(),
        { role: 'viewer', repositoryId: seen.id },
        { role: 'viewer', repositoryId: partly.id, path: 'edge_*/**' },
        { role: 'author', repositoryId: partly.id, path: 'west-1/*' },
      ),
    );
    const expected = [
      ...['edge-1/core', 'edge_2/core', 'west-1/core'].map((path) => `${seen.name} ${path}`),
      ...['edge_2/core', 'west-1/core'].map((path) => `${partly.name} ${path}`),
    ].sort();
    for (const list of ['/package-revisions', '/packages']) {
      const { body } = await alice('GET', list);
      expect(body.items.map((item: Body) => `${String(item.repository)} ${String(item.path)}`).sort(), list).toEqual(
        expected,
      );
    }
    const { body: operations } = await alice('GET', '/operations');
    expect(operations.items).toHaveLength(expected.length);
    const { body: repositories } = await alice('GET', '/repositories');
    expect(repositories.items.map(({ name }: Body) => name).sort()).toEqual([seen.name, partly.name].sort());

    const { body: everything } = await as(admin)('GET', `/package-revisions?repositoryId=${partly.id}`);
    for (const item of everything.items) {
      const visible = item.path !== 'edge-1/core';
      const routes = ['', '/resources', '/files', '/objects'].map((part) => `/package-revisions/${item.id}${part}`);
      for (const route of [...routes, `/packages/${item.packageId}`]) {
        expect((await alice('GET', route)).status, `${String(item.path)} ${route}`).toBe(visible ? 200 : 404);
      }
      const denied = await alice('PATCH', `/package-revisions/${item.id}/resources`, { files: {} }, ANY);
      const allowed = item.path === 'west-1/core';
      expect(denied.status, String(item.path)).toBe(allowed ? 200 : visible ? 403 : 404);
      const { body: read } = await alice('GET', `/package-revisions/${item.id}`);
      if (visible) expect(read.allowedActions).toEqual(allowed ? ['edit', 'propose', 'delete'] : []);
    }
  });

  it('does not depend on how its path is written', async () => {
    const { id: seen } = await addRepository(api.database);
    const { id: hidden } = await addRepository(api.database, { deployment: true });
    const { body: draftOf } = await as(admin)('POST', '/package-revisions', draft(hidden, 'edge/core'));
    const alice = as(await signIn(api.database, unique(), { role: 'repositoryAdmin', repositoryId: seen }));
    const ways = [
      ...[`/%72epositories/${hidden}`, `/repositories/${hidden}/`, `/repositories/${hidden.toUpperCase()}`],
      ...[`/%70ackage-revisions/${draftOf.id}`, `/package%2drevisions/${draftOf.id}/resources`],
      ...[`/x/../package-revisions/${draftOf.id}`, `/package-revisions/%30${draftOf.id.slice(1)}?a=/`],
      ...[`//package-revisions/${draftOf.id}`, `/package-revisions/${draftOf.id}%2f`],
    ];
    for (const way of ways) expect([400, 404], way).toContain((await alice('GET', way)).status);
  });

  it('is what a draft may be begun from', async () => {
    const from = await addRepository(api.database);
    const to = await addRepository(api.database);
    const source = await as(admin)('POST', '/package-revisions', {
      ...{ repositoryId: from.id, package: 'core', workspace: 'one', source: { type: 'init' } },
    });
    await api.database.client.packageRevision.update({
      where: { id: source.body.id },
      data: { lifecycle: 'published', revision: 'v1', tag: 'refs/tags/core/v1', commit: '0'.repeat(40) },
    });
    const bob = as(await signIn(api.database, unique(), { role: 'author', repositoryId: to.id }));
    const clone = {
      ...{ repositoryId: to.id, package: 'mine', workspace: 'one' },
      source: { type: 'clone', upstream: { revisionId: source.body.id } },
    };
    const refused = await bob('POST', '/package-revisions', clone);
    expect(refused.status).toBe(422);
    const unknown = { ...clone, source: { type: 'clone', upstream: { revisionId: uuidv7() } } };
    const none = await bob('POST', '/package-revisions', unknown);
    expect({ ...refused.body, detail: '', errors: [], requestId: '' }).toEqual({
      ...{ ...none.body, detail: '', errors: [], requestId: '' },
    });
    expect((await as(admin)('POST', '/package-revisions', clone)).status).toBe(201);
    const carol = as(await signIn(api.database, unique(), { role: 'author', repositoryId: from.id }));
    const refusal = { status: 409, body: { code: 'inUse', usedBy: [] } };
    expect(await carol('POST', `/package-revisions/${source.body.id}/propose-deletion`)).toMatchObject(refusal);
  });

  it('is what a repository may be signed in with', async () => {
    const made = await as(admin)('POST', '/credentials', { name: unique(), type: 'token', token: 'hunter2' });
    const { id: repositoryId } = await addRepository(api.database);
    const owner = as(await signIn(api.database, unique(), { role: 'repositoryAdmin', repositoryId }));
    const body = { git: { credentialId: made.body.id } };
    const refused = await owner('PATCH', `/repositories/${repositoryId}`, body, ANY);
    expect(refused).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/git/credentialId', code: 'notFound' }] },
    });
    expect((await as(admin)('PATCH', `/repositories/${repositoryId}`, body, ANY)).status).toBe(200);
    const same = { ...body, description: 'The credential stays.' };
    expect((await owner('PATCH', `/repositories/${repositoryId}`, same, ANY)).status).toBe(200);
  });

  it('and do is told by /me/permissions', async () => {
    const { id: repositoryId } = await addRepository(api.database);
    const grants = [{ role: 'approver', repositoryId, path: 'edge*/**' }] as const;
    const alice = as(await signIn(api.database, unique(), ...grants));
    const ask = async (query: string) => (await alice('GET', `/me/permissions${query}`)).body.permissions;
    expect(await ask('')).toEqual([]);
    expect(await ask(`?repositoryId=${repositoryId}`)).toEqual(['repositories.read']);
    expect(await ask(`?repositoryId=${repositoryId}&path=edge-1/core`)).toContain('packageRevisions.approve');
    expect(await ask(`?repositoryId=${repositoryId}&path=core`)).toEqual(['repositories.read']);
  });
});
