import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AccessStore } from '../../src/access/access.store.js';
import { uuidv7 } from '../../src/domain/uuid.js';
import { writeCursor } from '../../src/http/schema/pagination.js';
import { giveRoles, makeToken, signIn } from '../support/sign-in.js';
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

  it('of the group "everyone" reach whoever is signed in, whatever groups their token has', async () => {
    const { id: repositoryId } = await addRepository(api.database);
    const subject = { type: 'group', name: 'everyone' };
    const { body: given } = await as(admin)('POST', '/role-bindings', { role: 'viewer', subject, repositoryId });
    const made = await as(admin)('POST', '/api-tokens', { description: 'x', user: unique() });
    const someone = as(String(made.body.token));
    expect((await someone('GET', `/repositories/${repositoryId}`)).status).toBe(200);
    expect((await someone('POST', `/repositories/${repositoryId}/sync`)).status).toBe(403);
    await as(admin)('DELETE', `/role-bindings/${given.id}`, undefined, ANY);
    expect((await someone('GET', `/repositories/${repositoryId}`)).status).toBe(404);
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

  it('of one subject in one place are bounded', async () => {
    const { id: repositoryId } = await addRepository(api.database);
    const name = unique();
    const paths = Array.from({ length: 100 }, (_, number) => `p${number}/**`);
    await giveRoles(
      api.database,
      name,
      paths.map((path) => ({ role: 'viewer', repositoryId, path })),
    );
    const body = { role: 'viewer', subject: { type: 'user', name }, repositoryId };
    const refused = await as(admin)('POST', '/role-bindings', { ...body, path: 'more/**' });
    expect(refused).toMatchObject({ status: 422, body: { errors: [{ pointer: '/subject', code: 'tooBig' }] } });
    const { id: other } = await addRepository(api.database);
    expect((await as(admin)('POST', '/role-bindings', { ...body, repositoryId: other })).status).toBe(201);
  });

  it('are listed page by page', async () => {
    const name = unique();
    await giveRoles(api.database, name, [{ role: 'viewer' }, { role: 'auditor' }, { role: 'author' }]);
    const page = async (more: string) =>
      (await as(admin)('GET', `/role-bindings?subject=${name}&pageSize=2${more}`)).body;
    const first = await page('');
    const second = await page(`&cursor=${first.nextCursor}`);
    expect(second.nextCursor).toBeNull();
    const roles = [...first.items, ...second.items].map(({ role }) => role as string);
    expect(roles.sort()).toEqual(['auditor', 'author', 'viewer']);
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
    const user = unique();
    await giveRoles(api.database, user, [{ role: 'viewer' }]);
    const expiresAt = new Date(Date.now() + 366 * 86_400_000);
    const alice = as(await makeToken(api.database, { user, expiresAt }));
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

  it('of one user are bounded, as far as they are good', async () => {
    const user = unique();
    const alice = as(await signIn(api.database, user, { role: 'viewer' }));
    const expiresAt = new Date(Date.now() + 86_400_000);
    const row = { description: '', secretHash: new Uint8Array(32), user, createdAt: new Date(), createdBy: user };
    const rows = Array.from({ length: 199 }, () => ({ id: uuidv7(), ...row, expiresAt }));
    await api.database.client.apiToken.createMany({ data: rows });
    const refused = await alice('POST', '/api-tokens', { description: 'x' });
    expect(refused).toMatchObject({ status: 422, body: { errors: [{ pointer: '/user', code: 'tooBig' }] } });
    const [{ id } = { id: '' }] = rows;
    await api.database.client.apiToken.update({ where: { id }, data: { revokedAt: new Date() } });
    expect((await alice('POST', '/api-tokens', { description: 'x' })).status).toBe(201);
  });

  it('are not made for a repository that is not there', async () => {
    const alice = as(await signIn(api.database, unique(), { role: 'viewer' }));
    const wrong = await alice('POST', '/api-tokens', { description: 'x', repositoryIds: [uuidv7()] });
    expect(wrong).toMatchObject({ status: 422, body: { errors: [{ pointer: '/repositoryIds/0', code: 'notFound' }] } });

    // One that is hidden from their maker is told in the same words.
    const [mine, hidden] = [await addRepository(api.database), await addRepository(api.database)];
    const bob = as(await signIn(api.database, unique(), { role: 'author', repositoryId: mine.id }));
    const made = await bob('POST', '/api-tokens', { description: 'x', repositoryIds: [mine.id, hidden.id] });
    expect(made).toMatchObject({ status: 422, body: { errors: [{ pointer: '/repositoryIds/1', code: 'notFound' }] } });
    expect((await bob('GET', '/api-tokens')).body.items).toHaveLength(1);
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
    const rehearsed = await alice('POST', '/api-tokens?dryRun=true', { description: 'never made' });
    expect([rehearsed.status, rehearsed.body.token]).toEqual([201, undefined]);
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

  it('end with the token that they were made with, and live no longer', async () => {
    const user = unique();
    await giveRoles(api.database, user, [{ role: 'viewer' }]);
    const soon = new Date(Date.now() + 3_600_000);
    const first = await makeToken(api.database, { user, expiresAt: soon });
    const second = await as(first)('POST', '/api-tokens', { description: 'second', expiresInDays: 366 });
    expect(second.body.expiresAt).toBe(soon.toISOString());
    const third = await as(String(second.body.token))('POST', '/api-tokens', { description: 'third' });
    expect(third.body.expiresAt).toBe(soon.toISOString());
    const firstId = (await as(first)('GET', '/me')).body.tokenId;
    expect((await as(first)('DELETE', `/api-tokens/${firstId}`, undefined, ANY)).status).toBe(204);
    for (const token of [first, second.body.token, third.body.token]) {
      expect((await as(String(token))('GET', '/me')).status).toBe(401);
    }
    expect((await as(admin)('GET', `/api-tokens/${third.body.id}`)).body).toMatchObject({ revokedBy: user });
  });

  it('of somebody else are that person’s own, and have the groups that the identity provider named last', async () => {
    const user = unique();
    const { id: repositoryId } = await addRepository(api.database);
    const root = await makeToken(api.database, { user: 'root' });
    const made = await as(root)('POST', '/api-tokens', { description: 'for them', user });
    const rootId = (await as(root)('GET', '/me')).body.tokenId;
    await as(root)('DELETE', `/api-tokens/${rootId}`, undefined, ANY);
    const theirs = as(String(made.body.token));
    expect((await theirs('GET', '/me')).body).toMatchObject({ user, groups: [] });
    const subject = { type: 'group', name: unique() };
    await as(admin)('POST', '/role-bindings', { role: 'viewer', subject, repositoryId });
    const store = api.app.get(AccessStore);
    const say = (groups: string[], at: number) =>
      store.noteIdentity({ user, email: null, name: null, groups }, new Date(at));
    await say([subject.name], 2_000);
    expect((await theirs('GET', `/repositories/${repositoryId}`)).status).toBe(200);
    // What it said before that is news to nobody.
    await say([], 1_000);
    expect((await theirs('GET', '/me')).body).toMatchObject({ groups: [subject.name] });
    await say([], 3_000);
    expect((await theirs('GET', `/repositories/${repositoryId}`)).status).toBe(404);
  });

  it('that are narrowed manage no tokens but themselves', async () => {
    const user = unique();
    const full = as(await signIn(api.database, user, { role: 'admin' }));
    const { body: other } = await full('POST', '/api-tokens', { description: 'other' });
    for (const roles of [['viewer'], ['admin']]) {
      const { body: made } = await full('POST', '/api-tokens', { description: 'narrow', roles });
      const narrow = as(String(made.token));
      expect((await narrow('GET', '/api-tokens')).body.items.map(({ id }: Body) => id)).toEqual([made.id]);
      expect((await narrow('GET', `/api-tokens?user=${unique()}`)).body.items).toEqual([]);
      expect((await narrow('GET', `/api-tokens/${other.id}`)).status).toBe(404);
      expect((await narrow('DELETE', `/api-tokens/${other.id}`, undefined, ANY)).status).toBe(404);
      expect((await narrow('POST', '/api-tokens', { description: 'more', user: unique() })).status).toBe(403);
      expect((await narrow('DELETE', `/api-tokens/${made.id}`, undefined, ANY)).status).toBe(204);
      expect((await narrow('GET', '/me')).status).toBe(401);
    }
    expect((await full('GET', `/api-tokens/${other.id}`)).body).toMatchObject({ revokedAt: null });
  });

  it('that are narrowed to repositories reach nothing of the instance', async () => {
    const user = unique();
    const { id: repositoryId } = await addRepository(api.database);
    const full = as(await signIn(api.database, user, { role: 'admin' }));
    const { body: made } = await full('POST', '/api-tokens', { description: 'x', repositoryIds: [repositoryId] });
    const narrow = as(String(made.token));
    const repository = { name: unique(), git: { url: 'https://git.example.com/narrow.git' } };
    const credential = { name: unique(), type: 'token', token: 'hunter2' };
    expect((await narrow('POST', '/repositories', repository)).body).toMatchObject({ code: 'forbidden' });
    expect((await narrow('POST', '/credentials', credential)).body).toMatchObject({ code: 'forbidden' });
    for (const list of ['/credentials', '/audit-entries', '/audit-entries/export']) {
      expect((await narrow('GET', list)).body, list).toMatchObject({ code: 'forbidden' });
    }
    const { body } = await narrow('GET', `/me/permissions?repositoryId=${repositoryId}`);
    expect(body.permissions).toContain('packageRevisions.breakGlass');
    expect(body.permissions).not.toContain('credentials.read');
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

it('a cursor that somebody made by hand is refused in every list', async () => {
  const root = as(admin);
  const lists = ['/repositories', '/packages', '/package-revisions', '/operations', '/credentials', '/audit-entries'];
  const places = [['a\0b'], ['\ud800'], ['x'], [''], [], ['x', 'x'], [uuidv7(), 'x'], ['2026-01-01T00:00:00.000Z']];
  // Bound to the list as its own are.
  const { status } = await root('GET', `/repositories?cursor=${writeCursor(['x'], ['repositories', {}, undefined])}`);
  expect(status).toBe(200);
  for (const list of [...lists, '/role-bindings', '/api-tokens']) {
    for (const place of places) {
      const scope = [list.slice(1), {}, undefined];
      const answer = await root('GET', `${list}?cursor=${writeCursor(place, scope)}`);
      if (answer.status === 200) continue;
      expect(answer, `${list} ${JSON.stringify(place)}`).toMatchObject({
        status: 400,
        body: { code: 'invalidCursor' },
      });
    }
  }
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

  it('is all that is counted', async () => {
    const { id: repositoryId } = await addRepository(api.database, { deployment: true });
    for (const path of ['edge-1/core', 'edge-2/core', 'west-1/core']) {
      expect((await as(admin)('POST', '/package-revisions', draft(repositoryId, path))).status).toBe(201);
    }
    const alice = as(await signIn(api.database, unique(), { role: 'viewer', repositoryId, path: 'edge*/**' }));
    const bob = as(await signIn(api.database, unique(), { role: 'viewer', repositoryId }));
    const counts = async (call: typeof alice) => {
      const { body } = await call('GET', `/repositories/${repositoryId}`);
      const { body: list } = await call('GET', '/repositories');
      const listed = list.items.find(({ id }: Body) => id === repositoryId);
      expect(listed).toEqual(body);
      return [body.status.packageCount, body.status.revisionCount];
    };
    expect(await counts(alice)).toEqual([2, 2]);
    expect(await counts(bob)).toEqual([3, 3]);
    expect(await counts(as(admin))).toEqual([3, 3]);
  });

  it('is all that a repeated request is answered with', async () => {
    const { id: repositoryId } = await addRepository(api.database);
    const { id: other } = await addRepository(api.database);
    const user = unique();
    const token = await signIn(
      api.database,
      user,
      { role: 'author', repositoryId },
      { role: 'author', repositoryId: other },
    );
    const key = { 'Idempotency-Key': uuidv7() };
    const creation = { repositoryId, package: 'core', workspace: 'one', source: { type: 'init' } };
    const first = await as(token)('POST', '/package-revisions', creation, key);
    expect((await as(token)('POST', '/package-revisions', creation, key)).body).toEqual(first.body);

    // Another token of the same user has keys of its own, so it is told what the request itself leads to.
    const narrow = await makeToken(api.database, { user, repositoryIds: [other] });
    const refused = await as(narrow)('POST', '/package-revisions', creation, key);
    expect(refused).toMatchObject({ status: 422, body: { errors: [{ pointer: '/repositoryId', code: 'notFound' }] } });

    const sync = { 'Idempotency-Key': uuidv7() };
    expect((await as(token)('POST', `/repositories/${repositoryId}/sync`, undefined, sync)).status).toBe(202);
    await api.database.client.roleBinding.deleteMany({ where: { subject: user, repositoryId } });
    const gone = await as(token)('POST', '/package-revisions', creation, key);
    expect(gone).toMatchObject({ status: 404, body: { code: 'notFound' } });
    expect(gone.text).not.toContain('core');
    expect((await as(token)('POST', `/repositories/${repositoryId}/sync`, undefined, sync)).status).toBe(404);

    // Also where what it was about is gone.
    await api.database.client.packageRevision.delete({ where: { id: first.body.id } });
    expect((await as(token)('POST', '/package-revisions', creation, key)).status).toBe(404);
    await giveRoles(api.database, user, [{ role: 'viewer', repositoryId }]);
    const again = await as(token)('POST', '/package-revisions', creation, key);
    expect(again).toMatchObject({ status: 201, body: { id: first.body.id } });
  });

  it('is all that a refusal names', async () => {
    const { id: repositoryId } = await addRepository(api.database);
    const creation = (path: string, workspace: string) => ({
      ...{ repositoryId, realm: path.split('/').slice(0, -1).join('/'), package: path.split('/').at(-1) },
      ...{ workspace, source: { type: 'init' } },
    });
    const hidden = await as(admin)('POST', '/package-revisions', creation('secret/inner', 'hidden'));
    const around = await as(admin)('POST', '/package-revisions', creation('outer', 'hidden'));
    expect([hidden.status, around.status]).toEqual([201, 201]);
    const author = { role: 'author', repositoryId } as const;
    const eve = as(
      await signIn(api.database, unique(), { ...author, path: 'secret' }, { ...author, path: 'outer/*/**' }),
    );
    const attempts = [
      creation('secret', 'inner'),
      creation('secret', 'other'),
      creation('outer/hidden/more', 'one'),
      creation('outer/other/more', 'one'),
    ];
    for (const attempt of attempts) {
      const refused = await eve('POST', '/package-revisions', attempt);
      const path = [attempt.realm, attempt.package].filter(Boolean).join('/');
      expect(refused).toMatchObject({ status: 409, body: { code: 'nameConflict' } });
      expect(refused.body.detail).toBe(`The name "${path}" is taken; choose another one.`);
      expect(refused.body.conflictsWith).toBeUndefined();
    }
    expect((await as(admin)('POST', '/package-revisions', attempts[0])).body.conflictsWith).toEqual({
      ...{ path: 'secret/inner', name: 'hidden' },
    });
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

  it('is no credential of another host', async () => {
    const root = as(admin);
    const { body: made } = await root('POST', '/credentials', { name: unique(), type: 'token', token: 'hunter2' });
    expect(made.hosts).toEqual([]);
    const register = (url: string, call = root, name = unique()) =>
      call('POST', '/repositories', { name, git: { url, credentialId: made.id } });
    const { id: repositoryId } = await addRepository(api.database);
    const owner = as(
      await signIn(api.database, unique(), { role: 'repositoryAdmin', repositoryId }, { role: 'auditor' }),
    );
    const body = { git: { credentialId: made.id } };
    // Whoever may only see credentials binds none to a host.
    const unbound = await owner('PATCH', `/repositories/${repositoryId}`, body, ANY);
    expect(unbound).toMatchObject({ status: 403, body: { permission: 'credentials.manage' } });
    expect((await register('https://forge.example.com/a.git')).status).toBe(201);
    const { body: bound } = await root('GET', `/credentials/${made.id}`);
    expect(bound.hosts).toEqual(['forge.example.com']);
    const wrong = { status: 422, body: { errors: [{ pointer: '/git/credentialId', code: 'wrongHost' }] } };
    expect(await owner('PATCH', `/repositories/${repositoryId}`, body, ANY)).toMatchObject(wrong);
    for (const url of ['https://forge.example.com:8443/b.git', 'https://forge.example.com.evil.example.org/b.git']) {
      expect(await register(url), url).toMatchObject(wrong);
    }
    expect((await register('https://FORGE.example.com:443/b.git')).status).toBe(201);

    const patch = (hosts: string[]) => root('PATCH', `/credentials/${made.id}`, { hosts }, ANY);
    expect(await patch(['git.example.com'])).toMatchObject({ status: 409, body: { code: 'inUse' } });
    expect((await patch([])).status).toBe(409);
    expect((await patch(['Forge.example.com'])).status).toBe(422);
    expect((await patch(['forge.example.com', 'git.example.com'])).status).toBe(200);
    expect((await owner('PATCH', `/repositories/${repositoryId}`, body, ANY)).status).toBe(200);
  });

  it('and do is told by a conflict as well', async () => {
    const { id: repositoryId } = await addRepository(api.database);
    const creation = { repositoryId, package: 'core', workspace: 'one', source: { type: 'init' } };
    const { body: made } = await as(admin)('POST', '/package-revisions', creation);
    const approver = as(await signIn(api.database, unique(), { role: 'approver', repositoryId }));
    const conflict = { status: 409, body: { code: 'stateConflict', lifecycle: 'draft' } };
    const path = `/package-revisions/${made.id}`;
    const theirs = await approver('POST', `${path}/approve`, undefined, ANY);
    expect(theirs).toMatchObject({ ...conflict, body: { ...conflict.body, allowedActions: [] } });
    const all = await as(admin)('POST', `${path}/approve`, undefined, ANY);
    expect(all.body.allowedActions).toEqual(['edit', 'propose', 'delete']);
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
