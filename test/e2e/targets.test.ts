import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { uuidv7 } from '../../src/domain/uuid.js';
import { eventsOn } from '../support/events.js';
import { startTestApi, type TestApi } from '../support/api.js';
import { type Body, HttpClient } from '../support/http-client.js';
import { addRepository } from '../support/index-rows.js';
import { type GivenRole, makeToken, signIn } from '../support/sign-in.js';

let api: TestApi;
let admin: HttpClient;
let fleet: string;
let other: string;
const ANY = { 'If-Match': '*' };

const as = async (...roles: GivenRole[]): Promise<HttpClient> => {
  const token = await signIn(api.database, `u-${uuidv7()}`, ...roles);
  return new HttpClient(api.url, { Authorization: `Bearer ${token}` });
};
const items = async (who: HttpClient, query = ''): Promise<Body[]> =>
  (await who.expect(200, 'GET', `/targets?${query}`)).body.items;
const names = async (who: HttpClient, query = '') => (await items(who, query)).map(({ name }) => name);
const deploy = async (target: string, name: string, repositoryId = fleet) =>
  (
    await admin.expect(201, 'POST', '/package-revisions', {
      ...{ repositoryId, target, package: name, workspace: 'one', source: { type: 'init' } },
    })
  ).body as Body;
const targetNamed = async (name: string): Promise<Body> => (await items(admin, `name=${name}`))[0] as Body;

beforeAll(async () => {
  api = await startTestApi({ AUTH: 'required' });
  admin = await as({ role: 'admin' });
});
afterAll(() => api?.close());
beforeEach(async () => {
  await api.database.client.repository.deleteMany();
  await api.database.client.target.deleteMany();
  fleet = (await addRepository(api.database, { name: 'fleet', deployment: true })).id;
  other = (await addRepository(api.database, { name: 'other', deployment: true })).id;
});

describe('a target', () => {
  it('is there as soon as a package names it, and stays when the package goes', async () => {
    const draft = await deploy('edge-1', 'web');
    await deploy('edge-1', 'db');
    const target = await targetNamed('edge-1');
    expect(target).toMatchObject({ name: 'edge-1', labels: {}, repositoryIds: null, packageCount: 2, createdBy: null });
    expect((await admin.expect(200, 'GET', `/targets/${target.id}`)).body).toEqual(target);
    await admin.expect(204, 'DELETE', `/package-revisions/${draft.id}`, undefined, ANY);
    await api.database.client.repository.deleteMany();
    expect(await targetNamed('edge-1')).toMatchObject({ id: target.id, packageCount: 0 });
  });

  it('is none of a catalog, of a package without a target, or of a dry run', async () => {
    const catalog = (await addRepository(api.database, { name: 'catalog' })).id;
    const init = { workspace: 'one', source: { type: 'init' } };
    const post = (query: string, body: object) =>
      admin.call('POST', `/package-revisions${query}`, { ...init, ...body });
    expect((await post('', { repositoryId: catalog, realm: 'nf', package: 'core' })).status).toBe(201);
    expect((await post('', { repositoryId: fleet, package: 'core' })).status).toBe(201);
    expect((await post('?dryRun=true', { repositoryId: fleet, target: 'edge-9', package: 'core' })).status).toBe(201);
    expect(await names(admin)).toEqual([]);
  });

  it('is made, changed and deleted by who manages targets, with an entity tag', async () => {
    const body = {
      name: 'edge-1',
      description: 'Lyon',
      labels: { region: 'south', tier: 'one' },
      repositoryIds: [fleet],
    };
    const made = (await admin.expect(201, 'POST', '/targets', body)).body as Body;
    expect(made).toMatchObject({ ...body, packageCount: 0 });
    expect((await admin.call('POST', '/targets', { name: 'edge-1' })).body).toMatchObject({ code: 'alreadyExists' });
    const at = `/targets/${made.id}`;
    const known = await admin.call('GET', at, undefined, { 'If-None-Match': `"${made.etag}"` });
    expect(known.status).toBe(304);
    expect((await admin.call('PATCH', at, {})).body.code).toBe('preconditionRequired');
    const seen = { 'If-Match': `"${made.etag}"` };
    expect((await admin.expect(200, 'PATCH', at, {}, seen)).body).toEqual(made);
    const patch = { labels: { tier: null, ring: 'a' }, description: null, repositoryIds: null };
    const changed = (await admin.expect(200, 'PATCH', at, patch, seen)).body as Body;
    const now = { labels: { region: 'south', ring: 'a' }, description: null, repositoryIds: null };
    expect(changed).toMatchObject(now);
    expect((await admin.call('PATCH', at, {}, seen)).body.code).toBe('preconditionFailed');
    // Packages come and go all the time.
    await deploy('edge-1', 'web');
    const { etag, packageCount } = (await admin.expect(200, 'GET', at)).body;
    expect({ etag, packageCount }).toEqual({ etag: changed.etag, packageCount: 1 });
    const inUse = await admin.call('DELETE', at, undefined, ANY);
    expect(inUse).toMatchObject({ status: 409, body: { code: 'inUse', repositories: ['fleet'] } });
    await api.database.client.package.deleteMany();
    await admin.expect(204, 'DELETE', at, undefined, { 'If-Match': `"${changed.etag}"` });
    expect((await admin.call('GET', at)).body).toMatchObject({ code: 'notFound' });
    const events = (await admin.expect(200, 'GET', '/events?pageSize=500')).body.items as Body[];
    const own = events.filter(({ subject }) => subject === `targets/${made.id}`);
    expect(own.map(({ type }) => type)).toEqual(
      ['created', 'changed', 'deleted'].map((what) => `dev.pkgserver.target.${what}`),
    );
    expect(own[1]?.data).toEqual({
      target: { id: made.id, name: 'edge-1', changed: ['description', 'labels', 'repositoryIds'] },
    });
    const audit = (await admin.expect(200, 'GET', `/audit-entries?resourceId=${made.id}`)).body.items as Body[];
    expect(audit.map(({ action }) => action).sort()).toEqual([
      'createTarget',
      'deleteTarget',
      'updateTarget',
      'updateTarget',
    ]);
  });

  it.each([
    [{ name: 'Edge' }, '/name'],
    [{ name: 'a..b' }, '/name'],
    [{ name: 'a.lock' }, '/name'],
    [{ name: 'a/b' }, '/name'],
    [{ name: 'a', labels: { 'no key!': 'x' } }, '/labels'],
    [{ name: 'a', repositoryIds: [] }, '/repositoryIds'],
    [{ name: 'a', repositoryIds: [uuidv7()] }, '/repositoryIds/0'],
  ])('cannot be %j', async (body, pointer) => {
    const refused = await admin.call('POST', '/targets', body);
    expect(refused).toMatchObject({ status: 422, body: { code: 'invalidBody' } });
    expect(refused.body.errors[0].pointer).toContain(pointer);
  });

  it('takes no repository that is not there, and not too many labels, by a patch', async () => {
    const { id } = (await admin.expect(201, 'POST', '/targets', { name: 'edge-1', labels: { a: 'b' } })).body;
    const unknown = await admin.call('PATCH', `/targets/${id}`, { repositoryIds: [uuidv7()] }, ANY);
    expect(unknown.body).toMatchObject({ code: 'invalidBody', errors: [{ pointer: '/repositoryIds/0' }] });
    const labels = Object.fromEntries(Array.from({ length: 64 }, (_, n) => [`l-${n}`, 'x']));
    const many = await admin.call('PATCH', `/targets/${id}`, { labels }, ANY);
    expect(many.body).toMatchObject({ code: 'invalidBody', errors: [{ pointer: '/labels' }] });
    expect((await admin.call('PATCH', `/targets/${id}`, { name: 'edge-2' }, ANY)).status).toBe(422);
  });

  it('of a repository that is gone names it no more', async () => {
    const repositoryIds = [fleet, other];
    const { id } = (await admin.expect(201, 'POST', '/targets', { name: 'edge-1', repositoryIds })).body;
    await api.database.client.repository.delete({ where: { id: other } });
    expect((await admin.expect(200, 'GET', `/targets/${id}`)).body.repositoryIds).toEqual([fleet]);
  });
});

describe('the list of targets', () => {
  it('is filtered, ordered and paged', async () => {
    for (const [name, region] of [
      ['b', 'north'],
      ['a', 'south'],
      ['c', 'south'],
    ] as const)
      await admin.expect(201, 'POST', '/targets', { name: `edge-${name}`, labels: { region } });
    await admin.expect(201, 'POST', '/targets', { name: 'core', repositoryIds: [other] });
    await deploy('edge-b', 'web', other);
    await deploy('edge-c', 'web');
    expect(await names(admin)).toEqual(['core', 'edge-a', 'edge-b', 'edge-c']);
    expect(await names(admin, 'sort=-createdAt')).toEqual(['core', 'edge-c', 'edge-a', 'edge-b']);
    expect(await names(admin, 'labelSelector=region%3Dsouth')).toEqual(['edge-a', 'edge-c']);
    expect(await names(admin, 'labelSelector=!region')).toEqual(['core']);
    expect(await names(admin, 'q=DGE')).toEqual(['edge-a', 'edge-b', 'edge-c']);
    expect(await names(admin, `repositoryId=${other}`)).toEqual(['core', 'edge-b']);
    const first = (await admin.expect(200, 'GET', '/targets?pageSize=3&sort=-name')).body;
    const second = (await admin.expect(200, 'GET', `/targets?pageSize=3&sort=-name&cursor=${first.nextCursor}`)).body;
    expect([...first.items, ...second.items].map(({ name }: Body) => name)).toEqual([
      'edge-c',
      'edge-b',
      'edge-a',
      'core',
    ]);
    expect((await admin.call('GET', '/targets?cursor=x')).body.code).toBe('invalidCursor');
  });
});

describe('whoever does not see everything', () => {
  it('sees the targets of their packages, and those that name a repository of theirs, and nothing of the others', async () => {
    await deploy('edge-1', 'web');
    await deploy('edge-1', 'secret');
    await deploy('edge-1', 'db', other);
    await deploy('edge-2', 'db', other);
    await admin.expect(201, 'POST', '/targets', { name: 'named', repositoryIds: [fleet, other] });
    await admin.expect(201, 'POST', '/targets', { name: 'elsewhere', repositoryIds: [other] });
    await admin.expect(201, 'POST', '/targets', { name: 'free' });
    const edge1 = await targetNamed('edge-1');
    await admin.expect(200, 'PATCH', `/targets/${edge1.id}`, { repositoryIds: [fleet, other] }, ANY);
    const narrow = await as({ role: 'author', repositoryId: fleet, path: 'edge-1/web' });
    expect(
      (await items(narrow)).map(({ name, packageCount, repositoryIds }) => ({ name, packageCount, repositoryIds })),
    ).toEqual([
      { name: 'edge-1', packageCount: 1, repositoryIds: [fleet] },
      { name: 'named', packageCount: 0, repositoryIds: [fleet] },
    ]);
    expect(await names(narrow, `repositoryId=${other}`)).toEqual([]);
    expect(await names(narrow, `repositoryId=${fleet}`)).toEqual(['edge-1', 'named']);
    const viewer = await as({ role: 'viewer', repositoryId: other });
    expect(await names(viewer)).toEqual(['edge-1', 'edge-2', 'elsewhere', 'named']);
    expect((await items(viewer, 'name=edge-1'))[0]).toMatchObject({ packageCount: 1, repositoryIds: [other] });
    expect(await names(await as({ role: 'viewer' }))).toEqual(['edge-1', 'edge-2', 'elsewhere', 'free', 'named']);
    // What is hidden looks as if it were not there, whatever is asked of it.
    const hidden = await targetNamed('elsewhere');
    for (const [method, body] of [['GET'], ['PATCH', {}], ['DELETE']] as const) {
      const answer = await narrow.call(method, `/targets/${hidden.id}`, body, ANY);
      expect(answer.body).toMatchObject({ code: 'notFound', detail: `There is no target with the id ${hidden.id}.` });
    }
    expect((await narrow.call('DELETE', `/targets/${edge1.id}`, undefined, ANY)).body.code).toBe('forbidden');
    expect((await narrow.call('POST', '/targets', { name: 'elsewhere' })).body.code).toBe('forbidden');
    const owner = await as({ role: 'repositoryAdmin', repositoryId: other });
    expect((await owner.call('PATCH', `/targets/${hidden.id}`, {}, ANY)).body.code).toBe('forbidden');
    // An event of a target lies in no repository.
    await eventsOn(api.database).numbering.numberAll();
    const told = (await owner.expect(200, 'GET', '/events?pageSize=500')).body.items as Body[];
    expect(told.filter(({ type }) => String(type).includes('.target.'))).toEqual([]);
  });

  it('is shown no answer again that they may not see any more', async () => {
    const user = `u-${uuidv7()}`;
    await signIn(api.database, user, { role: 'admin' });
    const token = await makeToken(api.database, { user });
    const client = new HttpClient(api.url, { Authorization: `Bearer ${token}`, 'Idempotency-Key': 'target-1' });
    const { body } = await client.expect(201, 'POST', '/targets', { name: 'edge-1' });
    expect((await client.expect(201, 'POST', '/targets', { name: 'edge-1' })).body).toEqual(body);
    await api.database.client.roleBinding.updateMany({
      where: { subject: user },
      data: { role: 'viewer', repositoryId: fleet },
    });
    expect((await client.call('POST', '/targets', { name: 'edge-1' })).status).toBeGreaterThanOrEqual(403);
  });
});
