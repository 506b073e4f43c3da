import { beforeAll, describe, expect, it } from 'vitest';
import { uuidv7 } from '../../src/domain/uuid.js';
import { ask, BulkWorld, type Item, outcomes } from '../support/bulk.js';
import { CampaignSteps } from '../support/campaigns.js';
import type { Body } from '../support/http-client.js';

const world = BulkWorld.create({ MAX_PACKAGE_BYTES: '20000' });

interface Blueprint {
  /** Of its first version and of its second. */
  first: string;
  second: string;
  packageId: string;
}

let catalog: string;
let fleet: string;
let db: Blueprint;
let cache: Blueprint;
/** Published packages, by their names. */
const ids: Record<string, string> = {};

const config = (values: Record<string, string>): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata:\n${Object.entries(values)
    .map(([key, value]) => `  ${key}: "${value}"\n`)
    .join('')}`;

const create = async (body: object): Promise<string> =>
  (await world.root.expect(201, 'POST', '/package-revisions', body)).body.id as string;

async function publish(name: string, values: Record<string, string>, from?: string): Promise<string> {
  const source = from === undefined ? { type: 'init' } : { type: 'copy', revisionId: from };
  const workspace = `w${uuidv7()}`;
  const id = await create({ repositoryId: catalog, package: name, workspace, source });
  await world.root.edit(id, { 'config.yaml': config(values) });
  await world.root.publish(id);
  return id;
}

/** A published package with a blueprint's first version in each of these folders; `edits` come after. */
async function composed(
  name: string,
  parts: Record<string, Blueprint>,
  edits: Record<string, string> = {},
  source: object = { type: 'init' },
): Promise<void> {
  const id = await create({ repositoryId: fleet, package: name, workspace: 'first', source });
  for (const [path, { first }] of Object.entries(parts)) {
    const request = { path, upstream: { revisionId: first } };
    await world.root.expect(200, 'POST', `/package-revisions/${id}/subpackages`, request, { 'If-Match': '*' });
  }
  await world.root.edit(id, { 'own.yaml': config({ name }), ...edits });
  await world.root.publish(id);
  ids[name] = id;
}

beforeAll(async () => {
  [catalog, fleet] = [(await world.repository()).id, (await world.repository()).id];
  const begun = async (name: string, values: Record<string, string>) => {
    const first = await publish(name, values);
    return { first, second: '', packageId: (await world.root.revision(first)).packageId as string };
  };
  db = await begun('db', { size: '1Gi', level: 'info' });
  cache = await begun('cache', { keys: '100' });
  const big = await begun('big', { text: 'x'.repeat(6_000) });
  const source = { type: 'clone', upstream: { revisionId: db.first } };
  await composed('rooted', {}, { 'config.yaml': config({ size: '5Gi', level: 'info' }) }, source);
  await composed('both', { inner: db }, { 'inner/config.yaml': config({ size: '6Gi', level: 'info' }) }, source);
  await composed('one', { 'data/db': db, 'data/cache': cache });
  await composed('two', { a: db, b: db }, { 'b/config.yaml': config({ size: '7Gi', level: 'info' }) });
  await composed('clash', { a: db, b: db }, { 'b/config.yaml': config({ size: '1Gi', level: 'off' }) });
  await composed('other', { cache });
  await composed('full', { a: big, b: big }, { 'own.yaml': config({ text: 'x'.repeat(5_000) }) });
  db.second = await publish('db', { size: '1Gi', level: 'debug' }, db.first);
  cache.second = await publish('cache', { keys: '200' }, cache.first);
  big.second = await publish('big', { text: 'y'.repeat(9_000) }, big.first);
  ids.big = big.packageId;
}, 240_000);

const made = ({ packageId }: Blueprint, parameters: object) => ({
  action: 'upgrade',
  filter: { latest: true, upstreamPackageId: packageId },
  parameters,
});
const byName = async (items: readonly Item[]): Promise<Record<string, Item>> => {
  const named = await Promise.all(
    items.map(async (item) => [(await world.root.revision(item.id)).package as string, item] as const),
  );
  return Object.fromEntries(named);
};
const codes = async (items: readonly Item[]): Promise<Record<string, string>> =>
  Object.fromEntries(Object.entries(await byName(items)).map(([name, item]) => [name, outcomes([item])[0] ?? '']));
const file = async (id: string, path: string): Promise<string> =>
  (await world.root.expect(200, 'GET', `/package-revisions/${id}/resources`)).body.files[path]?.content as string;
const refs = async (id: string): Promise<[string, string][]> =>
  (await world.root.revision(id)).upstreams.map(({ path, ref }: Body) => [path, ref] as [string, string]);
const upgrade = (name: string, workspace: string, more: object = {}) => ({
  ...{ repositoryId: fleet, workspace },
  source: { type: 'upgrade', revisionId: ids[name], upstream: 'newest', upstreamPackageId: db.packageId, ...more },
});
const refused = (status: number, body: object) => world.root.expect(status, 'POST', '/package-revisions', body);

describe('a blueprint with a new version', () => {
  it('concerns packages, and packages with folders that were made from it', async () => {
    const { body } = await world.root.expect(200, 'GET', `/package-revisions/${db.first}/impact`);
    expect(body.items).toMatchObject([
      { package: 'both', upstreamStatus: { state: 'behind' }, foldersBehind: 1 },
      { package: 'clash', upstreamStatus: { state: 'none' }, foldersBehind: 2 },
      { package: 'one', upstreamStatus: { state: 'none' }, foldersBehind: 2 },
      { package: 'rooted', upstreamStatus: { state: 'behind' }, foldersBehind: 0 },
      { package: 'two', upstreamStatus: { state: 'none' }, foldersBehind: 2 },
    ]);
    expect(body.summary).toMatchObject({ packages: 5, behind: 5 });
  });

  it('would be brought by one request to all that was made from it, be it a package or folders of one', async () => {
    const { body } = await ask(world.root.call, made(db, { workspace: 'v2' }), {}, '?dryRun=true');
    const expected = {
      rooted: 'succeeded',
      both: 'succeeded',
      one: 'succeeded',
      two: 'succeeded',
      clash: 'unresolvedConflicts',
    };
    expect(await codes(body.items)).toEqual(expected);
    const { clash } = await byName(body.items);
    expect(clash?.error).toMatchObject({
      conflictCount: 1,
      conflicts: [{ file: 'b/config.yaml', path: 'data.level' }],
    });
    expect(await world.database.client.packageRevision.count({ where: { workspace: 'v2' } })).toBe(0);
  });

  it('is brought to all of them, and what is in conflict in one folder stays as it is', async () => {
    const items = await byName(await world.bulk(world.root, made(db, { workspace: 'v2' })));
    const draft = (name: string) => items[name]?.draftId ?? '';
    expect(await world.database.client.packageRevision.count({ where: { workspace: 'v2' } })).toBe(4);

    const rooted = await world.root.revision(draft('rooted'));
    expect(rooted).toMatchObject({
      source: { type: 'upgrade', from: 'db/v1', to: 'db/v2' },
      upstream: { revisionId: db.second },
    });
    expect(await file(draft('rooted'), 'config.yaml')).toBe(config({ size: '5Gi', level: 'debug' }));

    const both = await world.root.revision(draft('both'));
    expect(both).toMatchObject({ source: { type: 'upgrade', to: 'db/v2' }, upstream: { revisionId: db.second } });
    expect(await refs(draft('both'))).toEqual([
      ['', 'db/v2'],
      ['inner', 'db/v2'],
    ]);
    expect(await file(draft('both'), 'config.yaml')).toBe(config({ size: '1Gi', level: 'debug' }));
    expect(await file(draft('both'), 'inner/config.yaml')).toBe(config({ size: '6Gi', level: 'debug' }));

    const one = await world.root.revision(draft('one'));
    expect(one).toMatchObject({ lifecycle: 'draft', source: { type: 'copy', revision: 'v1' }, upstream: null });
    expect(await refs(draft('one'))).toEqual([
      ['data/cache', 'cache/v1'],
      ['data/db', 'db/v2'],
    ]);
    expect(await file(draft('one'), 'data/cache/config.yaml')).toBe(config({ keys: '100' }));
    expect(await file(draft('one'), 'own.yaml')).toBe(config({ name: 'one' }));

    expect(await refs(draft('two'))).toEqual([
      ['a', 'db/v2'],
      ['b', 'db/v2'],
    ]);
    expect(await file(draft('two'), 'a/config.yaml')).toBe(config({ size: '1Gi', level: 'debug' }));
    expect(await file(draft('two'), 'b/config.yaml')).toBe(config({ size: '7Gi', level: 'debug' }));
    expect(await file(draft('two'), 'b/Kptfile')).toMatch(/name: b\n[^]*ref: db\/v2\n/);
  });

  it('takes resolutions of one item, and the package may be named apart from the filter', async () => {
    const defaultResolution = { all: 'theirs' };
    const parameters = { workspace: 'v2', upstreamPackageId: db.packageId, defaultResolution };
    const [item] = await world.bulk(world.root, { action: 'upgrade', items: [{ id: ids.clash, parameters }] });
    expect(item).toMatchObject({ status: 'succeeded' });
    expect(await file(item?.draftId ?? '', 'b/config.yaml')).toBe(config({ size: '1Gi', level: 'debug' }));
  });

  it('is told of what is up to date as a single request tells it, and only what is behind is upgraded', async () => {
    const { items } = (await world.root.expect(200, 'GET', '/package-revisions?workspace=v2&package=one')).body;
    await world.root.publish((items as Body[])[0]?.id as string);
    const [two] = (await world.root.expect(200, 'GET', '/package-revisions?workspace=v2&package=two')).body.items;
    const old = config({ size: '1Gi', level: 'info' });
    const kptfile = await file(ids.two ?? '', 'b/Kptfile');
    await world.root.edit(two.id as string, { 'b/Kptfile': kptfile, 'b/config.yaml': old });
    await world.root.publish(two.id as string);

    const told = await byName(await world.bulk(world.root, made(db, { workspace: 'again' })));
    expect(told.one?.error).toMatchObject({ code: 'upToDate' });
    const single = await refused(409, {
      ...upgrade('one', 'x'),
      source: { ...upgrade('one', 'x').source, revisionId: told.one?.id },
    });
    expect(single.body).toMatchObject({ code: 'upToDate', detail: told.one?.error?.detail });
    expect(await refs(told.two?.draftId ?? '')).toEqual([
      ['a', 'db/v2'],
      ['b', 'db/v2'],
    ]);
  });
});

describe('an upgrade of whatever was made from a package', () => {
  it('is one request for one package as well', async () => {
    const draft = await create(upgrade('clash', 'single', { defaultResolution: { all: 'ours' } }));
    expect(await file(draft, 'a/config.yaml')).toBe(config({ size: '1Gi', level: 'debug' }));
    expect(await file(draft, 'b/config.yaml')).toBe(config({ size: '1Gi', level: 'off' }));
  });

  it('is refused where nothing was made from it, or nobody can see it', async () => {
    expect((await refused(409, upgrade('other', 'x'))).body).toMatchObject({ code: 'stateConflict' });
    const missing = { code: 'notFound', pointer: '/source/upstreamPackageId' };
    const nowhere = upgrade('one', 'x', { upstreamPackageId: uuidv7() });
    expect((await refused(422, nowhere)).body.errors).toMatchObject([missing]);
    const blind = await world.person('blind', { role: 'author', repositoryId: fleet });
    const hidden = await blind.expect(422, 'POST', '/package-revisions', upgrade('two', 'x'));
    expect(hidden.body.errors).toMatchObject([missing]);
    expect(outcomes(await world.bulk(blind, made(db, { workspace: 'x' })))).not.toContain('succeeded');
    expect(await world.database.client.packageRevision.count({ where: { workspace: 'x' } })).toBe(0);
  });

  it('is refused where the package would be too large with all of them, and is of all or of none', async () => {
    const [item] = await world.bulk(world.root, {
      ...made(db, { workspace: 'large' }),
      filter: { latest: true, upstreamPackageId: ids.big },
    });
    expect(item?.error).toMatchObject({ code: 'packageTooLarge', status: 413 });
    expect(await world.database.client.packageRevision.count({ where: { workspace: 'large' } })).toBe(0);
  });
});

describe('packages of which only a folder is behind', () => {
  const behind = (parameters: object) => ({
    action: 'upgrade',
    filter: { repositoryId: fleet, latest: true, upstreamState: ['behind'] },
    parameters: { workspace: 'behind', ...parameters },
  });
  const clone = (revisionId: string) => ({ type: 'clone', upstream: { revisionId } });
  const drafts = () => world.database.client.packageRevision.count({ where: { workspace: 'behind' } });

  const makeFleet = async () => {
    fleet = (await world.repository()).id;
    await composed('bare', { 'data/db': db, cache: { ...cache, first: cache.second } });
    await composed('part', { inner: db }, {}, clone(cache.second));
    await composed('twin', { inner: db }, {}, clone(db.first));
  };
  beforeAll(makeFleet);

  it('are told one by one, in a bulk request, which folder is behind and how that is brought along', async () => {
    const items = await byName((await ask(world.root.call, behind({}), {}, '?dryRun=true')).body.items as Item[]);
    expect(Object.keys(items).toSorted()).toEqual(['bare', 'part', 'twin']);
    expect(items.bare?.error).toMatchObject({ code: 'stateConflict', status: 409 });
    expect(items.bare?.error?.detail).toContain('no upstream. Its folder "data/db", made from "db", is behind');
    expect(items.part?.error).toMatchObject({ code: 'upToDate', status: 409 });
    expect(items.part?.error?.detail).toContain('Its folder "inner", made from "db", is behind');
    expect(items.part?.error?.detail).toContain('`upstreamPackageId`');
    expect(items.twin).toMatchObject({ status: 'succeeded' });
    expect(items.twin?.warnings).toEqual([
      expect.stringContaining('Its folder "inner" was made from the same package'),
    ]);
    expect(await drafts()).toBe(0);
  });

  it('are upgraded in what is behind, and nothing else, once the package is named', async () => {
    const items = await byName(await world.bulk(world.root, behind({ upstreamPackageId: db.packageId })));
    const of = (name: string) => refs(items[name]?.draftId ?? '');
    expect(await of('bare')).toEqual([
      ['cache', 'cache/v2'],
      ['data/db', 'db/v2'],
    ]);
    expect(await of('part')).toEqual([
      ['', 'cache/v2'],
      ['inner', 'db/v2'],
    ]);
    expect(await of('twin')).toEqual([
      ['', 'db/v2'],
      ['inner', 'db/v2'],
    ]);
    expect(Object.values(items).flatMap(({ warnings = [] }) => warnings)).toEqual([]);
    expect(await drafts()).toBe(3);
  });

  it('says of a downgrade that it is one, of each item and each part of it', async () => {
    const parameters = { workspace: 'down', upstreamPackageId: db.packageId, to: { revisionId: db.first } };
    const { items: made } = (await world.root.expect(200, 'GET', '/package-revisions?workspace=behind')).body;
    const twin = (made as Body[]).find((row) => row.package === 'twin');
    await world.root.publish(twin?.id as string);
    const request = { action: 'upgrade', items: [{ id: twin?.id }], parameters };
    const [foretold] = (await ask(world.root.call, request, {}, '?dryRun=true')).body.items as Item[];
    const [item] = await world.bulk(world.root, request);
    const downgrade = 'v1 is older than v2: this is a downgrade.';
    expect(foretold?.warnings).toEqual([downgrade, `inner: ${downgrade}`]);
    expect(item?.warnings).toEqual(foretold?.warnings);
    // As a process of the version before leaves it.
    const { operationId } = await world.database.client.operationItem.findFirstOrThrow({
      where: { draftId: item?.draftId },
      select: { operationId: true },
    });
    await world.database.client
      .$executeRaw`UPDATE operation_item SET warnings = NULL WHERE operation_id = ${operationId}::uuid`;
    const [{ warnings: _, ...rest }] = [item as Item & object];
    expect(await world.items(world.root, operationId)).toEqual([rest]);
  });

  it('are left out of a campaign for a reason that names the folder, and do not keep it from its end', async () => {
    await makeFleet();
    const [ada, grace] = [
      await world.person('ada', { role: 'author' }),
      await world.person('grace', { role: 'approver' }),
    ];
    const campaign = await CampaignSteps.create(ada, grace, {
      ...{ name: 'db-v2', waves: [{ name: 'all' }], change: { type: 'upgrade', to: { revisionId: db.second } } },
      selection: { filter: { repositoryId: fleet, upstreamState: ['behind'] } },
    });
    await campaign.begin();
    expect((await campaign.until('finished')).progress.counts).toMatchObject({ done: 1, excluded: 2 });
    const [bare, part, twin] = [await campaign.item('bare'), await campaign.item('part'), await campaign.item('twin')];
    expect(bare.error).toMatchObject({
      code: 'stateConflict',
      detail: expect.stringContaining('Its folder "data/db", made from "db", is behind'),
    });
    expect(part.error).toMatchObject({
      code: 'otherPackage',
      detail: expect.stringContaining('Its folder "inner", made from "db", is behind'),
    });
    expect(twin.warnings).toEqual([expect.stringContaining('Its folder "inner" was made from the same package')]);
    expect(await refs(twin.draftId ?? '')).toEqual([
      ['', 'db/v2'],
      ['inner', 'db/v1'],
    ]);
  });
});
