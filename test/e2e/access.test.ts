import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readToken } from '../../src/access/api-token.js';
import type { Permission } from '../../src/access/permission.js';
import { isInstanceRole, isPathRole, type Role, ROLES } from '../../src/access/role.js';
import { concurrently } from '../../src/async/concurrently.js';
import { uuidv7 } from '../../src/domain/uuid.js';
import { CredentialVault } from '../../src/vault/credential-vault.js';
import { ACCESS } from '../support/access-table.js';
import { giveRoles, makeToken } from '../support/sign-in.js';
import { startTestApi, type TestApi } from '../support/api.js';
import { at, type Described, OpenApi } from '../support/openapi.js';
import {
  addCampaign,
  addDrift,
  addUpgradePreview,
  addRepository,
  commitOf,
  addVariant,
  addVariantSet,
} from '../support/index-rows.js';

const described = (await OpenApi.committed()).operations;
const permissionOf = ({ operation }: Described) => operation['x-permission'] as unknown as Permission | undefined;
const isPublic = ({ operation }: Described) => Array.isArray(operation.security) && operation.security.length === 0;

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
  const place = { repositoryId, path: 'edge-1/core', target: 'edge-1', realm: '' };
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
  const entry = uuidv7();
  await client.auditEntry.create({
    data: { id: entry, time: new Date(), action: 'getMe', outcome: 'denied' },
  });
  const token = readToken(await makeToken(api.database, { user: 'somebody-else' }))?.id ?? '';
  const view = uuidv7();
  await client.searchView.create({
    data: { id: view, name: 'one', query: '', shared: false, owner: 'somebody-else', ...times },
  });
  const receivers = uuidv7();
  const secret = api.app.get(CredentialVault, { strict: false }).seal(receivers, { token: 'hunter2' });
  await client.receiver.create({
    data: {
      ...{ id: receivers, name: 'one', type: 'generic', sealed: secret, ...changed },
      repositories: { create: { repositoryId } },
    },
  });
  const webhooks = uuidv7();
  await client.webhook.create({
    data: {
      ...{ id: webhooks, name: 'one', url: 'https://chat.example.com/', types: [], repositoryId, path: null },
      ...{ description: '', enabled: true, owner: 'somebody-else', ownerGroups: [], since: 0n },
      ...{ createdBy: 'somebody-else', ...times },
    },
  });
  const drift = await addDrift(api.database, { repositoryId, path: place.path });
  const preview = await addUpgradePreview(api.database, { revisionId: revisions, repositoryId, path: place.path });
  const campaignOf = { revisionId: revisions, packageId: packages, repositoryId, path: place.path };
  const campaigns = await addCampaign(api.database, campaignOf);
  const targets = uuidv7();
  await client.target.create({ data: { id: targets, name: 'edge-1', ...times } });
  const variants = await addVariant(api.database, { repositoryId, path: place.path });
  const sets = await addVariantSet(api.database, repositoryId);
  ids = {
    ...{ repositories: repositoryId, packages, 'package-revisions': revisions, operations, credentials },
    ...{ 'role-bindings': bindings, 'api-tokens': token, 'audit-entries': entry, views: view },
    ...{ receivers, webhooks, drift, 'upgrade-previews': preview, targets },
    ...{ variants, campaigns, 'variant-sets': sets },
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

  it('is closed but for the probes and what is signed, and open to everybody signed in but for these', () => {
    expect(described.filter(isPublic).map((operation) => operation.at)).toEqual([
      'post /api/v1/receivers/{id}/hook',
      'get /health/live',
      'get /health/ready',
    ]);
    const signedIn = closed.filter((operation) => permissionOf(operation) === undefined).map(({ path }) => path);
    expect([...new Set(signedIn)]).toEqual([
      '/api/v1/api-tokens',
      '/api/v1/api-tokens/{id}',
      '/api/v1/me',
      '/api/v1/me/permissions',
      '/api/v1/views',
      '/api/v1/views/{id}',
    ]);
  });

  it.each(closed)('$at: without credentials 401', async (operation) => {
    const response = await ask(operation);
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toContain('Bearer');
    expect(await response.json()).toMatchObject({ code: 'unauthenticated' });
  });

  it.each(closed)('$at: says who may call it, and what refuses the others', ({ operation }) => {
    const statuses = Object.values(at(operation, 'x-problem-statuses')).map(Number);
    expect(statuses).toContain(401);
    if (operation['x-permission'] !== undefined) expect(statuses).toContain(403);
  });
});

/** Where a role is given. `none`: the user has no role. */
const SCOPES = ['everything', 'repository', 'path', 'none'] as const;
type GivenAt = (typeof SCOPES)[number];

/** What is shown. A user is disabled by taking all roles away. */
const TOKENS = ['full', 'as viewer', 'in the repository', 'elsewhere', 'expired', 'revoked', 'disabled'] as const;
type Shown = (typeof TOKENS)[number];

interface Holder {
  role: Role;
  at: GivenAt;
  token: Shown;
  bearer: string;
}

const isGiven = (role: Role, at: GivenAt): boolean =>
  at === 'everything' ||
  (at === 'repository' && !isInstanceRole(role)) ||
  (at === 'path' && isPathRole(role)) ||
  (at === 'none' && role === 'viewer');

describe('every operation, for every role, where it is given, with every kind of token', () => {
  const holders: Holder[] = [];
  const operations = described.map((each) => ({ ...each, id: String(each.operation.operationId) }));

  beforeAll(async () => {
    const { database } = api;
    const repositoryId = ids.repositories as string;
    const places = {
      ...{ everything: {}, repository: { repositoryId }, path: { repositoryId, path: 'edge-*/**' }, none: null },
    } as const;
    for (const role of ROLES) {
      for (const at of SCOPES.filter((scope) => isGiven(role, scope))) {
        const place = places[at];
        const user = `walk-${role}-${at}`;
        const lost = `${user}-disabled`;
        if (place) await giveRoles(database, user, [{ role, ...place }]);
        const tokens: Record<Shown, Promise<string>> = {
          full: makeToken(database, { user }),
          'as viewer': makeToken(database, { user, roles: ['viewer'] }),
          'in the repository': makeToken(database, { user, repositoryIds: [repositoryId] }),
          elsewhere: makeToken(database, { user, repositoryIds: [uuidv7()] }),
          expired: makeToken(database, { user, expiresAt: new Date(Date.now() - 1) }),
          revoked: makeToken(database, { user, revokedAt: new Date() }),
          disabled: makeToken(database, { user: lost }),
        };
        for (const token of TOKENS) holders.push({ role, at, token, bearer: await tokens[token] });
      }
    }
  });

  it('has a row in the table, and the table no others', () => {
    expect(operations.map(({ id }) => id).sort()).toEqual(Object.keys(ACCESS).sort());
  });

  it.each(operations)('$at', async (operation) => {
    const expected = ACCESS[operation.id];
    const faults: string[] = [];
    await concurrently(holders, 8, async (holder) => {
      const answer = await inject(operation, holder.bearer);
      const found = outcomeOf(answer, operation);
      const wanted = expected && wantedOf(expected, operation, holder);
      if (found !== wanted) faults.push(`${holder.role} at ${holder.at}, ${holder.token}: ${found}, not ${wanted}`);
    });
    expect(faults).toEqual([]);
  });

  it('is asked in thousands of ways', () => {
    expect(holders.length * operations.length).toBeGreaterThan(6_000);
  });
});

type Outcome = 'let in' | 'forbidden' | 'hidden' | 'unauthenticated';

/** As the operation is asked by {@link ask}, without a socket. */
async function inject({ method, path }: Described, bearer: string): Promise<{ status: number; body: string }> {
  const [, , , collection = ''] = path.split('/');
  const url = path.replace('{id}', ids[collection] ?? uuidv7()).replaceAll(/\{\w+\}/g, uuidv7());
  const bodiless = method === 'get';
  const answer = await api.app.inject({
    method: method.toUpperCase() as 'GET',
    url,
    headers: { authorization: `Bearer ${bearer}`, ...(!bodiless && { 'content-type': 'application/json' }) },
    ...(!bodiless && { payload: '{"unknown":true}' }),
  });
  return { status: answer.statusCode, body: answer.body };
}

/** Also that a refusal says what it is: which permission is missing, and nothing of what is hidden. */
function outcomeOf({ status, body }: { status: number; body: string }, { path, operation }: Described): string {
  if (status === 401) return 'unauthenticated';
  const collection = path.split('/')[3] ?? '';
  if (status === 404 && body.includes(`with the id ${ids[collection]}`)) return 'hidden';
  if (status >= 500) return `${status} ${body}`;
  if (status !== 403) return 'let in';
  const { code, permission } = JSON.parse(body) as { code: string; permission?: string };
  return code === 'forbidden' && permission === String(operation['x-permission']) ? 'forbidden' : body;
}

function wantedOf(expected: (typeof ACCESS)[string], { path, method }: Described, holder: Holder): Outcome {
  const { role, at, token } = holder;
  if (expected === 'public') return 'let in';
  if (expected === 'signature') return 'unauthenticated';
  if (token === 'expired' || token === 'revoked') return 'unauthenticated';
  // The API token or view in the path is somebody else's; a change is refused for its body, before that is looked at.
  if (expected === 'signedIn') {
    const isManager = path.includes('api-tokens') && role === 'admin' && token === 'full';
    return path.includes('{id}') && method === 'get' && !isManager ? 'hidden' : 'let in';
  }
  const reaches = (roles: readonly Role[], place = expected.at): boolean => {
    if (token === 'disabled' || at === 'none' || !roles.includes(role)) return false;
    if (token === 'as viewer' && !roles.includes('viewer')) return false;
    const isBound = at !== 'everything' || token === 'in the repository' || token === 'elsewhere';
    if (place === 'instance' && isBound) return false;
    if (token === 'elsewhere' && (path.includes('{id}') || at !== 'everything')) return false;
    return at !== 'path' || place === 'path' || !path.includes('{id}');
  };
  if (!path.includes('{id}')) return reaches(expected.may) ? 'let in' : 'forbidden';
  const seen =
    expected.at === 'repository' && expected.seesAt === undefined && expected.sees.includes('viewer') && at === 'path'
      ? isSeen(holder)
      : reaches(expected.sees, expected.seesAt);
  if (!seen) return 'hidden';
  return reaches(expected.may) ? 'let in' : 'forbidden';
}

/** Whoever has a role on a path of it sees the repository itself. */
const isSeen = ({ token }: Holder): boolean => token !== 'disabled' && token !== 'elsewhere';

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
