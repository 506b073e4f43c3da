import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Permission, permissionsOf, rolesWith } from '../../src/access/permission.js';
import { isInstanceRole, isPathRole, ROLES } from '../../src/access/role.js';
import { uuidv7 } from '../../src/domain/uuid.js';
import { giveRoles, makeToken, signIn } from '../support/sign-in.js';
import { startTestApi, type TestApi } from '../support/api.js';
import { at, type Described, OpenApi } from '../support/openapi.js';
import { addRepository, commitOf } from '../support/index-rows.js';

const described = (await OpenApi.committed()).operations;
const permissionOf = ({ operation }: Described) => operation['x-permission'] as unknown as Permission | undefined;
const isPublic = ({ operation }: Described) => Array.isArray(operation.security) && operation.security.length === 0;

/** What belongs to a repository, and of that what has a path. */
const IN_REPOSITORY = ['repositories', 'packages', 'package-revisions', 'operations', 'role-bindings'];
const ON_PATH = ['packages', 'package-revisions', 'operations'];

let api: TestApi;
/** What the `{id}` of each collection stands for, and the other slots. */
let ids: Record<string, string>;

beforeAll(async () => {
  api = await startTestApi({ AUTH: 'required' });
  const { client } = api.database;
  const { id: repositoryId, name: repositoryName } = await addRepository(api.database);
  const made = { createdAt: new Date(), createdBy: 'test' };
  const changed = { ...made, updatedAt: new Date(), updatedBy: 'test' };
  const [packages, revisions, operations, credentials, bindings] = [uuidv7(), uuidv7(), uuidv7(), uuidv7(), uuidv7()];
  const place = { repositoryId, path: 'edge-1/core', target: null, realm: 'edge-1' };
  const times = { createdAt: made.createdAt, updatedAt: made.createdAt };
  await client.package.create({ data: { id: packages, ...place, name: 'core', headTree: commitOf('tree'), ...times } });
  await client.packageRevision.create({
    data: {
      ...{ id: revisions, ...place, repositoryName, packageId: packages, packageName: 'core', ...changed },
      ...{ name: 'catalog.x.edge-1.core.one', workspace: 'one', lifecycle: 'draft', source: { type: 'init' } },
      ...{ tree: commitOf('tree'), gitState: 'synced' },
    },
  });
  await client.operation.create({
    data: {
      ...{ id: operations, kind: 'publish', state: 'queued', repositoryId, path: place.path, revisionId: revisions },
      ...{ target: { type: 'PackageRevision', id: revisions, name: 'x' }, requestedBy: 'test', createdAt: new Date() },
    },
  });
  await client.credential.create({
    data: { id: credentials, name: 'bot', type: 'token', sealed: new Uint8Array(8), ...changed },
  });
  await client.roleBinding.create({
    data: { id: bindings, role: 'viewer', subjectType: 'user', subject: 'nobody', repositoryId, ...made },
  });
  ids = {
    ...{ repositories: repositoryId, packages, 'package-revisions': revisions, operations, credentials },
    ...{ 'role-bindings': bindings, 'api-tokens': uuidv7(), 'audit-entries': uuidv7() },
  };
});
afterAll(() => api.close());

/** Asks for the operation with nothing in its body: whoever is let in is told what is wrong with that. */
async function ask({ method, path }: Described, token?: string): Promise<Response> {
  const [, , , collection = ''] = path.split('/');
  const url = path.replace('{id}', ids[collection] ?? uuidv7()).replaceAll(/\{\w+\}/g, uuidv7());
  const bodiless = method === 'get';
  return fetch(`${api.url}${url}`, {
    method: method.toUpperCase(),
    headers: {
      ...(token !== undefined && { Authorization: `Bearer ${token}` }),
      ...(!bodiless && { 'Content-Type': 'application/json' }),
    },
    ...(!bodiless && { body: '{"unknown":true}' }),
  });
}

describe('every operation', () => {
  const closed = described.filter((operation) => !isPublic(operation));
  const permitted = closed.filter((operation) => permissionOf(operation) !== undefined);

  it('is closed but for the probes, and open to everybody signed in but for these', () => {
    expect(described.filter(isPublic).map((operation) => operation.at)).toEqual([
      'get /health/live',
      'get /health/ready',
    ]);
    const signedIn = closed.filter((operation) => permissionOf(operation) === undefined).map(({ path }) => path);
    expect([...new Set(signedIn)]).toEqual([
      '/api/v1/api-tokens',
      '/api/v1/api-tokens/{id}',
      '/api/v1/me',
      '/api/v1/me/permissions',
    ]);
  });

  it.each(closed)('$at: without credentials 401', async (operation) => {
    const response = await ask(operation);
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toContain('Bearer');
    expect(await response.json()).toMatchObject({ code: 'unauthenticated' });
  });

  it.each(permitted)('$at: without any role 403 or 404', async (operation) => {
    const response = await ask(operation, await signIn(api.database, `without-${uuidv7()}`));
    expect([403, 404]).toContain(response.status);
  });

  it.each(permitted)('$at: with every role that lacks the permission 403 or 404', async (operation) => {
    const permission = permissionOf(operation) as Permission;
    for (const role of ROLES.filter((role) => !permissionsOf(role).has(permission))) {
      const response = await ask(operation, await signIn(api.database, `lacks-${uuidv7()}`, { role }));
      expect([403, 404], role).toContain(response.status);
      if (response.status === 403) expect(await response.json()).toMatchObject({ code: 'forbidden', permission });
    }
  });

  it.each(permitted)('$at: with a token that leaves the permission out 403 or 404', async (operation) => {
    const permission = permissionOf(operation) as Permission;
    const user = `narrowed-${uuidv7()}`;
    await giveRoles(api.database, user, [{ role: 'admin' }]);
    const elsewhere = await makeToken(api.database, { user, repositoryIds: [uuidv7()] });
    if (operation.path.includes('{id}')) expect([403, 404]).toContain((await ask(operation, elsewhere)).status);
    if (permissionsOf('viewer').has(permission)) return;
    const viewing = await makeToken(api.database, { user, roles: ['viewer'] });
    expect([403, 404]).toContain((await ask(operation, viewing)).status);
  });

  it.each(permitted)('$at: with the permission neither 401 nor 403', async (operation) => {
    for (const role of rolesWith(permissionOf(operation) as Permission)) {
      const response = await ask(operation, await signIn(api.database, `has-${uuidv7()}`, { role }));
      expect([401, 403], role).not.toContain(response.status);
      expect(response.status, role).toBeLessThan(500);
    }
  });

  const owned = permitted.filter(({ path }) => IN_REPOSITORY.some((name) => path.startsWith(`/api/v1/${name}/{id}`)));

  it.each(owned)(
    '$at: with the permission in its repository, or on its path, alone neither 403 nor hidden',
    async (operation) => {
      const [, , , collection = ''] = operation.path.split('/');
      const whole = { repositoryId: ids.repositories as string };
      for (const role of rolesWith(permissionOf(operation) as Permission).filter((role) => !isInstanceRole(role))) {
        const onPath = isPathRole(role) && ON_PATH.includes(collection);
        for (const place of onPath ? [whole, { ...whole, path: 'edge-1/core' }] : [whole]) {
          const response = await ask(operation, await signIn(api.database, `within-${uuidv7()}`, { role, ...place }));
          expect([401, 403], role).not.toContain(response.status);
          expect(response.status, role).toBeLessThan(500);
          const { detail = '' } = (await response.json().catch(() => ({}))) as { detail?: string };
          expect(detail, role).not.toContain(`with the id ${ids[collection]}`);
        }
      }
    },
  );

  it.each(closed)('$at: says who may call it, and what refuses the others', ({ operation }) => {
    const statuses = Object.values(at(operation, 'x-problem-statuses')).map(Number);
    expect(statuses).toContain(401);
    if (operation['x-permission'] !== undefined) expect(statuses).toContain(403);
  });
});

describe('signing in', () => {
  const me = (authorization?: string) =>
    fetch(`${api.url}/api/v1/me`, authorization === undefined ? {} : { headers: { Authorization: authorization } });

  it('by an API token gives its user', async () => {
    const token = await makeToken(api.database, { user: 'alice', groups: ['team-edge'], email: 'alice@example.com' });
    const response = await me(`Bearer ${token}`);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ user: 'alice', groups: ['team-edge'], verified: true });
  });

  it('does not believe X-Remote-User', async () => {
    const response = await fetch(`${api.url}/api/v1/me`, { headers: { 'X-Remote-User': 'admin' } });
    expect(response.status).toBe(401);
  });

  const wrong: [string, (token: string) => string][] = [
    ['another secret', (token) => `Bearer ${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`],
    ['another id', (token) => `Bearer ${token.replace(/^pks_./, token[4] === '1' ? 'pks_2' : 'pks_1')}`],
    ['half of it', (token) => `Bearer ${token.slice(0, 40)}`],
    ['more than it', (token) => `Bearer ${token}x`],
    ['another scheme', (token) => `Basic ${Buffer.from(`alice:${token}`).toString('base64')}`],
    ['nothing behind the scheme', () => 'Bearer '],
    ['something else', () => 'Bearer abc.def.ghi'],
  ];
  it.each(wrong)('is refused with %s', async (_, headerOf) => {
    const response = await me(headerOf(await makeToken(api.database, { user: 'alice' })));
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ code: 'unauthenticated' });
  });

  it('is refused with a token that has expired', async () => {
    const token = await makeToken(api.database, { user: 'alice', expiresAt: new Date(Date.now() - 1) });
    expect((await me(`Bearer ${token}`)).status).toBe(401);
  });
});
