import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { uuidv7 } from '../../src/domain/uuid.js';
import { type Body, VariantWorld, WEB } from '../support/variant-world.js';

let world: VariantWorld;
let packageId: string;
let revisionId: string;
beforeAll(async () => {
  world = await VariantWorld.start();
  ({ packageId, revisionId } = await world.blueprint('web'));
}, 120_000);
afterAll(() => world?.stop());

const MUTATION = { objects: { kind: 'Deployment' }, path: 'metadata.labels.site', value: '${target.labels.site}' };
const ANY = { 'If-Match': '*' };

async function target(name: string, labels: Record<string, string>): Promise<string> {
  return (await world.root.expect(201, 'POST', '/targets', { name, labels })).body.id as string;
}

async function makeSet(tier: string, more: object = {}) {
  const name = `s-${uuidv7().slice(-8)}`;
  const { body } = await world.root.expect(201, 'POST', '/variant-sets', {
    ...{ name, upstream: { packageId }, targets: { labelSelector: `tier=${tier}` }, mutations: [MUTATION] },
    downstream: { repositoryId: world.world.fleet, realm: name, package: 'web' },
    ...more,
  });
  await world.quiet();
  return { id: body.id as string, name };
}

async function members(setId: string) {
  const { body } = await world.root.expect(200, 'GET', `/variants?variantSetId=${setId}`);
  return body.items as Body[];
}

const states = async (setId: string) =>
  Object.fromEntries((await members(setId)).map(({ downstream, state }) => [downstream.target, state]));

describe('a set', () => {
  it('makes a member for each target that is selected, changes it with the target, and retires it', async () => {
    const ids = [await target('a-1', { tier: 'a', site: 'lyon' }), await target('a-2', { tier: 'a', site: 'oslo' })];
    await target('a-3', { tier: 'b', site: 'rome' });
    const set = await makeSet('a');
    expect(await states(set.id)).toEqual({ 'a-1': 'drafted', 'a-2': 'drafted' });
    const [first] = await members(set.id);
    expect(first).toMatchObject({ name: `${set.name}/a-1`, downstream: { path: `a-1/${set.name}/web` } });
    expect(await world.file(first?.draftId as string)).toContain('site: lyon');
    await world.publish(first?.draftId as string);
    const { body } = await world.root.expect(200, 'GET', `/variant-sets/${set.id}`);
    expect(body.counts).toMatchObject({ upToDate: 1, drafted: 1, blocked: 0 });

    const label = (id: string, labels: object) => world.root.expect(200, 'PATCH', `/targets/${id}`, { labels }, ANY);
    await label(ids[0] as string, { site: 'nice' });
    await world.quiet();
    const [changed, other] = await members(set.id);
    expect(changed?.state).toBe('drafted');
    expect(await world.file(changed?.draftId as string)).toContain('site: nice');
    await label(ids[0] as string, { tier: null });
    await label(ids[1] as string, { tier: null });
    await world.quiet();
    // One that has published something is known; of the other nothing is left.
    expect(await states(set.id)).toEqual({ 'a-1': 'retired' });
    await world.root.expect(404, 'GET', `/package-revisions/${changed?.draftId}`);
    await world.root.expect(404, 'GET', `/package-revisions/${other?.draftId}`);
    await label(ids[0] as string, { tier: 'a', site: 'lyon' });
    await world.quiet();
    expect(await members(set.id)).toMatchObject([{ id: first?.id, state: 'upToDate', reason: null }]);
    expect(await world.revisions(first?.packageId as string)).toHaveLength(1);
    // Its draft has gone with it twice, and nobody has declined that.
    await label(ids[0] as string, { site: 'nice' });
    await world.quiet();
    await label(ids[0] as string, { tier: null });
    await world.quiet();
    await label(ids[0] as string, { tier: 'a' });
    await world.quiet();
    expect(await members(set.id)).toMatchObject([{ id: first?.id, state: 'drafted', reason: null }]);
  });

  it('makes nothing as it no longer wants it, also when it is changed while its members are made', async () => {
    const targets = Array.from({ length: 40 }, (_, at) => ({ name: `w-${at}`, labels: { tier: 'w', site: 'lyon' } }));
    for (const { name, labels } of targets) await target(name, labels);
    const { body: set } = await world.root.expect(201, 'POST', '/variant-sets', {
      ...{ name: 'while', upstream: { packageId }, targets: { labelSelector: 'tier=w' }, mutations: [MUTATION] },
      downstream: { repositoryId: world.world.fleet, realm: 'while', package: 'web' },
    });
    const query = '/package-revisions?repositoryId=' + world.world.fleet + '&q=while&pageSize=100';
    const drafts = async () => (await world.root.expect(200, 'GET', query)).body.items as Body[];
    await expect.poll(async () => (await drafts()).length, { timeout: 30_000, interval: 20 }).toBeGreaterThan(0);
    const mutations = [{ ...MUTATION, value: 'changed' }];
    await world.root.expect(200, 'PATCH', `/variant-sets/${set.id}`, { mutations }, ANY);
    const before = new Set((await drafts()).map(({ id }) => id as string));
    await world.quiet();
    const all = await drafts();
    expect(all).toHaveLength(targets.length);
    // Else it shows nothing.
    expect(before.size).toBeLessThan(targets.length);
    const edited = await world.client.event.findMany({ where: { type: 'packageRevision.edited' } });
    const renewed = new Set(edited.map(({ packageRevisionId }) => packageRevisionId));
    expect(all.filter(({ id }) => !before.has(id as string) && renewed.has(id as string))).toEqual([]);
    for (const { id } of all) expect(await world.file(id as string)).toContain('site: changed');
  }, 60_000);

  it('says before what a change would do, and does just that', async () => {
    for (const name of ['p-1', 'p-2', 'p-3']) await target(name, { tier: 'p', site: name });
    const set = await makeSet('p', { targets: { names: ['p-1', 'p-2'] } });
    const preview = async (patch: object) =>
      (await world.root.expect(200, 'POST', `/variant-sets/${set.id}/preview`, patch)).body;
    expect((await preview({})).counts).toEqual({ made: 0, changed: 0, retired: 0, unchanged: 2 });
    const change = { targets: { names: ['p-2', 'p-3'] } };
    expect(await preview(change)).toEqual({
      ...{ changed: [], made: [{ name: `${set.name}/p-3`, target: 'p-3', path: `p-3/${set.name}/web` }] },
      retired: [{ name: `${set.name}/p-1`, target: 'p-1', path: `p-1/${set.name}/web` }],
      counts: { made: 1, changed: 0, retired: 1, unchanged: 1 },
    });
    expect(await states(set.id)).toEqual({ 'p-1': 'drafted', 'p-2': 'drafted' });
    expect((await preview({ mutations: [] })).counts).toEqual({ made: 0, changed: 2, retired: 0, unchanged: 0 });
    await world.root.expect(200, 'PATCH', `/variant-sets/${set.id}`, change, ANY);
    await world.quiet();
    expect(await states(set.id)).toEqual({ 'p-2': 'drafted', 'p-3': 'drafted' });
  });

  it('leaves what another set has claimed to that, and takes it up when that goes', async () => {
    await target('c-1', { tier: 'c', site: 'x' });
    const downstream = { repositoryId: world.world.fleet, realm: 'claimed', package: 'web' };
    const older = await makeSet('c', { downstream });
    const younger = await makeSet('c', { downstream, adoption: 'adopt' });
    expect(await states(older.id)).toEqual({ 'c-1': 'drafted' });
    expect(await members(younger.id)).toMatchObject([{ state: 'blocked', reason: { code: 'claimed' } }]);
    await world.root.expect(204, 'DELETE', `/variant-sets/${older.id}`, undefined, ANY);
    await world.quiet();
    expect(await states(younger.id)).toEqual({ 'c-1': 'drafted' });
    await world.root.expect(404, 'GET', `/variant-sets/${older.id}`);
  });

  it('changes no member but through itself, where it is no conflict', async () => {
    await target('m-1', { tier: 'm', site: 'x' });
    const set = await makeSet('m');
    const [member] = await members(set.id);
    const path = `/variants/${member?.id}`;
    await world.root.expect(409, 'PATCH', path, { mutations: [] }, ANY);
    await world.root.expect(409, 'DELETE', path, undefined, ANY);
    await world.root.expect(200, 'PATCH', path, { defaultResolution: { all: 'ours' } }, ANY);
    await world.quiet();
    await world.root.expect(200, 'PATCH', `/variant-sets/${set.id}`, { mutations: [] }, ANY);
    await world.quiet();
    const [changed] = await members(set.id);
    expect(changed).toMatchObject({ mutations: [], defaultResolution: { all: 'ours' }, state: 'drafted' });
    expect(await world.file(changed?.draftId as string)).toBe(WEB);
  });

  it.each([
    [
      'a catalog',
      { downstream: () => ({ repositoryId: world.world.catalog, package: 'web' }) },
      '/downstream/repositoryId',
    ],
    [
      'an unknown repository',
      { downstream: () => ({ repositoryId: uuidv7(), package: 'web' }) },
      '/downstream/repositoryId',
    ],
    ['an unknown blueprint', { upstream: () => ({ packageId: uuidv7() }) }, '/upstream/packageId'],
    ['a selector that is none', { targets: () => ({ labelSelector: 'a in' }) }, '/targets'],
    ['a target twice', { targets: () => ({ names: ['a', 'a'] }) }, '/targets'],
    ['an unknown name in a value', { packageContext: () => ({ a: '${env.HOME}' }) }, '/packageContext/a'],
    ['a path that is none', { mutations: () => [{ ...MUTATION, path: 'a..b' }] }, '/mutations/0/path'],
    ['neither value nor removal', { mutations: () => [{ objects: { kind: 'A' }, path: 'b' }] }, '/mutations/0/value'],
    ['mutations of nothing', { mutations: () => [{ ...MUTATION, objects: {} }] }, '/mutations/0/objects'],
    ['a range that is none', { upstream: () => ({ packageId, follow: '>=1' }) }, '/upstream/follow'],
  ] as [string, Record<string, () => object>, string][])('refuses %s', async (_, wrong, pointer) => {
    const given = Object.fromEntries(Object.entries(wrong).map(([key, make]) => [key, make()]));
    const { body } = await world.root.expect(422, 'POST', '/variant-sets', {
      ...{ name: `s-${uuidv7().slice(-8)}`, upstream: { packageId }, targets: { names: ['x'] } },
      downstream: { repositoryId: world.world.fleet, package: 'web' },
      ...given,
    });
    expect(body.errors.map((error: { pointer: string }) => error.pointer).join()).toContain(pointer);
    expect((await world.root.expect(200, 'GET', `/package-revisions/${revisionId}`)).body.lifecycle).toBe('published');
  });
});

describe('the lists', () => {
  it('find variants and sets by what they are, page by page', async () => {
    await target('l-1', { tier: 'l', site: 'x' });
    await target('l-2', { tier: 'l', site: 'x' });
    const set = await makeSet('l');
    const [member] = await members(set.id);
    const found = async (query: string) => {
      const { body } = await world.root.expect(200, 'GET', `/variants?variantSetId=${set.id}&${query}`);
      return body.items.map(({ name }: Body) => name as string);
    };
    const [first, second] = [`${set.name}/l-1`, `${set.name}/l-2`];
    expect(await found(`name=${encodeURIComponent(first)}`)).toEqual([first]);
    expect(await found('target=l-2')).toEqual([second]);
    expect(await found(`path=${encodeURIComponent(member?.downstream.path as string)}`)).toEqual([first]);
    expect(await found('state=drafted,blocked')).toEqual([first, second]);
    expect(await found('state=upToDate')).toEqual([]);
    expect(await found(`upstreamPackageId=${packageId}&repositoryId=${world.world.fleet}`)).toEqual([first, second]);
    expect(await found(`upstreamPackageId=${uuidv7()}`)).toEqual([]);
    expect(await found('sort=-name')).toEqual([second, first]);
    const { body: page } = await world.root.expect(200, 'GET', `/variants?variantSetId=${set.id}&pageSize=1`);
    expect(await found(`pageSize=1&cursor=${page.nextCursor}`)).toEqual([second]);
    const sets = await world.root.expect(200, 'GET', `/variant-sets?name=${set.name}`);
    expect(sets.body).toMatchObject({ items: [{ id: set.id, counts: { drafted: 2 } }], nextCursor: null });
    const { body: some } = await world.root.expect(200, 'GET', '/variant-sets?pageSize=1&sort=createdAt');
    const { body: others } = await world.root.expect(
      200,
      'GET',
      `/variant-sets?sort=createdAt&cursor=${some.nextCursor}`,
    );
    expect([...some.items, ...others.items].map(({ id }: Body) => id as string)).toContain(set.id);
  });

  it('are not sent again unchanged, nor is a request done twice that is sent again', async () => {
    const name = `v-${uuidv7().slice(-8)}`;
    const downstream = { repositoryId: world.world.fleet, target: 'edge-1', package: name };
    const objects = { apiVersion: 'apps/v1', namespace: 'shop', labels: { tier: 'front' } };
    const mutations = [{ objects, path: 'spec.paused', remove: true }];
    const request = { name, upstream: { packageId }, downstream, updatePolicy: 'none', mutations };
    const key = () => ({ 'Idempotency-Key': uuidv7() });
    const once = key();
    const made = await world.root.expect(201, 'POST', '/variants', request, once);
    const again = await world.root.expect(201, 'POST', '/variants', request, once);
    expect(again.body.id).toBe(made.body.id);
    expect(made.body.mutations).toEqual(mutations);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    const taken = await world.root.expect(409, 'POST', '/variants', request);
    expect(taken.body.code).toBe('alreadyExists');
    const wrong = { ...downstream, package: 'Not..so' };
    expect((await world.root.expect(422, 'POST', '/variants', { ...request, downstream: wrong })).body.code).toBe(
      'invalidName',
    );
    const { etag } = await world.settled(made.body.id as string);
    await world.root.expect(304, 'GET', `/variants/${made.body.id}`, undefined, { 'If-None-Match': `"${etag}"` });
    const ask = key();
    const path = `/variants/${made.body.id}/reconcile`;
    await world.root.expect(200, 'POST', path, undefined, ask);
    const asked = await world.root.expect(200, 'POST', path, undefined, ask);
    expect(asked.headers.get('idempotency-replayed')).toBe('true');

    const setOnce = key();
    const set = {
      ...request,
      name: `s-${name}`,
      targets: { names: ['q-1'] },
      downstream: { ...downstream, target: undefined },
    };
    const first = await world.root.expect(201, 'POST', '/variant-sets', set, setOnce);
    const second = await world.root.expect(201, 'POST', '/variant-sets', set, setOnce);
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    expect((await world.root.expect(409, 'POST', '/variant-sets', set)).body.code).toBe('alreadyExists');
    const misnamed = { ...set, name: `t-${name}`, downstream: { ...set.downstream, package: 'Not..so' } };
    expect((await world.root.expect(422, 'POST', '/variant-sets', misnamed)).body.code).toBe('invalidName');
    await world.quiet();
    const { body: seen } = await world.root.expect(200, 'GET', `/variant-sets/${first.body.id}`);
    const match = { 'If-None-Match': `"${seen.etag}"` };
    await world.root.expect(304, 'GET', `/variant-sets/${first.body.id}`, undefined, match);
  });
});

describe('whose rights count', () => {
  it('are those of the owner when it is done', async () => {
    const author = await world.world.as('author', { role: 'author' });
    const made = await world.make(packageId, {}, author);
    expect(made.state).toBe('drafted');
    const { createdBy } = await world.root.revision(made.draftId as string);
    await world.client.roleBinding.deleteMany({ where: { subject: createdBy } });
    await world.world.blueprint('web', { 'web.yaml': WEB.replace('web:1', 'web:2') }, revisionId);
    expect(await world.settled(made.id as string)).toMatchObject({ state: 'blocked', reason: { code: 'forbidden' } });
    const owned = await world.patch(made.id as string, { description: 'Mine now.' });
    expect(owned).toMatchObject({ state: 'drafted', owner: expect.stringContaining('root') });
  });

  it('let nobody see, or make, a variant of a package that they may not see', async () => {
    const made = await world.make(packageId);
    const stranger = await world.world.as('stranger', { role: 'author', repositoryId: world.world.catalog });
    await stranger.expect(404, 'GET', `/variants/${made.id}`);
    expect((await stranger.expect(200, 'GET', '/variants')).body.items).toEqual([]);
    const viewer = await world.world.as('viewer', { role: 'viewer' });
    await viewer.expect(200, 'GET', `/variants/${made.id}`);
    await viewer.expect(403, 'DELETE', `/variants/${made.id}`, undefined, ANY);
    await viewer.expect(403, 'POST', `/variants/${made.id}/reconcile`);
  });
});
