import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Repository } from '../../src/database/generated/client.js';
import { uuidv7 } from '../../src/domain/uuid.js';
import { startTestApi, type TestApi } from '../support/api.js';
import { addFleetPackage, addPin, type FleetPackage } from '../support/fleet-rows.js';
import { type Body, HttpClient } from '../support/http-client.js';
import { addRepository, commitOf } from '../support/index-rows.js';
import { type GivenRole, signIn } from '../support/sign-in.js';

let api: TestApi;
let admin: HttpClient;
/** Sees the blueprints and what of the fleet is at edge-1. */
let narrow: HttpClient;
const repositories: Record<string, Repository> = {};
const blueprints: Record<string, { id: string; versions: string[] }> = {};
const pins: Record<string, string> = {};
const packages: Record<string, string> = {};
const targets: Record<string, string> = {};

/** [path, what it was made from, and what else there is of it] */
const FLEET: readonly (readonly [path: string, upstream: string | null, more?: Partial<FleetPackage>])[] = [
  ['edge-1/web', 'web/v1', { drafts: 2, drift: 'open' }],
  ['edge-1/db', 'db/v2', {}],
  ['edge-1/keys', 'keys/v1', {}],
  ['edge-2/web', 'web/v3', { drift: 'acknowledged' }],
  ['edge-2/app', null, { versions: 2, tree: commitOf('composed') }],
  ['edge-3/web', 'web/v1', {}],
  ['edge-3/new', null, { versions: 0, drafts: 1 }],
  ['lone', 'web/v1', {}],
];

const as = async (...roles: GivenRole[]): Promise<HttpClient> => {
  const token = await signIn(api.database, `u-${uuidv7()}`, ...roles);
  return new HttpClient(api.url, { Authorization: `Bearer ${token}` });
};
const get = async (who: HttpClient, path: string): Promise<Body> => (await who.expect(200, 'GET', path)).body;
const csv = async (who: HttpClient, path: string): Promise<string[]> => {
  const answer = await who.expect(200, 'GET', path, undefined, { Accept: 'text/csv' });
  expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
  return answer.text.trimEnd().split('\r\n');
};
const nothing = { published: 0, behind: 0, drifted: 0, unhealthy: 0, openDrafts: 0 };
const groups = async (who: HttpClient, groupBy: string) =>
  Object.fromEntries(
    (await get(who, `/fleet?groupBy=${groupBy}`)).items.map(({ key, id: _, upstreamRevisions: uses, ...counts }) => [
      String(key),
      {
        ...counts,
        uses: (uses as { path: string; revision: string; packages: number }[]).map(
          ({ path, revision, packages: count }) => `${path}/${revision}=${count}`,
        ),
      },
    ]),
  );

beforeAll(async () => {
  api = await startTestApi({ AUTH: 'required' });
  const { database } = api;
  admin = await as({ role: 'admin' });
  for (const name of ['blueprints', 'vault', 'fleet', 'north'])
    repositories[name] = await addRepository(database, { name, deployment: name === 'fleet' || name === 'north' });
  const at = (name: string): Repository => repositories[name] as Repository;
  for (const [name, versions] of [
    ['web', 3],
    ['db', 2],
    ['keys', 2],
  ] as const) {
    const place = { repository: at(name === 'keys' ? 'vault' : 'blueprints'), path: name, versions };
    const added = await addFleetPackage(database, place);
    blueprints[name] = added;
    for (let version = 1; version <= versions; version += 1)
      pins[`${name}/v${version}`] = await addPin(database, place, added, version);
  }
  for (const [path, upstream, more] of FLEET) {
    const repository = at(path.startsWith('edge-3') ? 'north' : 'fleet');
    const target = path.includes('/') ? { target: path.split('/')[0] as string } : {};
    const upstreamId = upstream === null ? {} : { upstreamId: pins[upstream] as string };
    packages[path] = (await addFleetPackage(database, { repository, path, ...target, ...upstreamId, ...more })).id;
  }
  const { client } = database;
  await client.packageTree.create({
    data: { oid: commitOf('composed'), fileCount: 1, sizeBytes: 1n, createdAt: new Date() },
  });
  const place = { url: at('blueprints').url, directory: 'db', ref: 'db/v1' };
  await client.subpackage.create({
    data: { treeOid: commitOf('composed'), path: 'database', ...place, upstreamId: pins['db/v1'] as string },
  });
  await client.blob.create({ data: { oid: commitOf('blob'), content: new Uint8Array(1), parsed: true } });
  await client.packageFile.create({
    data: { treeOid: commitOf('composed'), path: 'a.yaml', mode: '100644', blobOid: commitOf('blob'), sizeBytes: 1 },
  });
  await client.krmObject.create({
    data: {
      blobOid: commitOf('blob'),
      position: 0,
      apiVersion: 'v1',
      kind: 'Pod',
      images: ['docker.io/library/b:1', 'docker.io/library/a:1'],
    },
  });
  for (const [number, region] of ['south', 'south', '=north'].entries()) {
    const name = `edge-${number + 1}`;
    targets[name] = uuidv7();
    await client.target.create({
      data: { id: targets[name], name, labels: { region }, createdAt: new Date(), updatedAt: new Date() },
    });
  }
  narrow = await as(
    { role: 'viewer', repositoryId: at('blueprints').id },
    { role: 'viewer', repositoryId: at('fleet').id, path: 'edge-1/**' },
  );
});
afterAll(() => api?.close());

describe('the fleet', () => {
  it('is counted by target', async () => {
    expect(await groups(admin, 'target')).toEqual({
      'edge-1': {
        ...{ ...nothing, packages: 3, published: 3, behind: 2, drifted: 1, openDrafts: 2 },
        uses: ['db/v2=1', 'web/v1=1', 'keys/v1=1'],
      },
      // One of its packages has a folder that is behind.
      'edge-2': { ...nothing, packages: 2, published: 2, behind: 1, uses: ['web/v3=1'] },
      'edge-3': { ...nothing, packages: 2, published: 1, behind: 1, openDrafts: 1, uses: ['web/v1=1'] },
    });
    const { items } = await get(admin, '/fleet');
    expect(items.map(({ key, id }) => [key, id])).toEqual(Object.entries(targets));
  });

  it('is counted by a label of targets, by repository, and by upstream', async () => {
    expect(await groups(admin, 'label.region')).toMatchObject({
      '=north': { packages: 2, behind: 1 },
      south: { packages: 5, behind: 3, uses: ['db/v2=1', 'web/v1=1', 'web/v3=1', 'keys/v1=1'] },
    });
    expect(Object.keys(await groups(admin, 'label.nobody'))).toEqual(['null']);
    expect(await groups(admin, 'repository')).toMatchObject({ fleet: { packages: 5 }, north: { packages: 2 } });
    expect(await groups(admin, 'upstream')).toMatchObject({
      'blueprints/db': { packages: 1, behind: 0, uses: ['db/v2=1'] },
      'blueprints/web': { packages: 3, behind: 2, uses: ['web/v1=2', 'web/v3=1'] },
      'vault/keys': { packages: 1, behind: 1, uses: ['keys/v1=1'] },
      null: { packages: 2, behind: 1, uses: [] },
    });
    const { items } = await get(admin, '/fleet?groupBy=upstream');
    expect(items.map(({ key, id }) => [key, id])).toEqual([
      ['blueprints/db', blueprints.db?.id],
      ['blueprints/web', blueprints.web?.id],
      ['vault/keys', blueprints.keys?.id],
      [null, null],
    ]);
  });

  it.each(['target', 'label.region', 'upstream', 'repository'])('is paged by %s', async (groupBy) => {
    const whole = (await get(admin, `/fleet?groupBy=${groupBy}`)).items;
    const paged: Body[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const from: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const page = await get(admin, `/fleet?groupBy=${groupBy}&pageSize=1${from}`);
      paged.push(...page.items);
      cursor = page.nextCursor;
    }
    expect(paged).toEqual(whole);
  });

  it('is a table without formulas', async () => {
    expect(await csv(admin, '/fleet?groupBy=label.region')).toEqual([
      'key,packages,published,behind,drifted,unhealthy,openDrafts,upstreamRevisions',
      "'=north,2,1,1,0,0,1,blueprints/web/v1=1",
      'south,5,5,3,1,0,2,blueprints/db/v2=1 blueprints/web/v1=1 blueprints/web/v3=1 vault/keys/v1=1',
    ]);
  });

  it('is asked for by a grouping that there is', async () => {
    for (const groupBy of ['nobody', 'label.', 'label.no%20key', 'targets'])
      expect((await admin.call('GET', `/fleet?groupBy=${groupBy}`)).body.code).toBe('invalidQuery');
    expect((await admin.call('GET', '/fleet?cursor=x')).body.code).toBe('invalidCursor');
    expect((await admin.call('GET', '/fleet', undefined, { Accept: 'image/png' })).status).toBe(406);
  });

  it('is what its caller may see', async () => {
    expect(await groups(narrow, 'target')).toEqual({
      'edge-1': {
        ...{ ...nothing, packages: 3, published: 3, behind: 2, drifted: 1, openDrafts: 2 },
        uses: ['db/v2=1', 'web/v1=1'],
      },
    });
    expect(Object.keys(await groups(narrow, 'upstream'))).toEqual(['blueprints/db', 'blueprints/web', 'null']);
    expect((await csv(narrow, '/fleet?groupBy=upstream')).join('\n')).not.toContain('keys');
    const other = await as({ role: 'viewer', repositoryId: repositories.north?.id, path: 'elsewhere/**' });
    expect(await groups(other, 'target')).toEqual({});
  });
});

describe('the matrix of a blueprint', () => {
  const matrix = (name: string) => `/fleet/matrix?upstreamPackageId=${blueprints[name]?.id}`;
  const shown = async (who: HttpClient, name: string) =>
    (await get(who, matrix(name))).items.map(({ target, cells }) => [
      target,
      ...(cells as { revision: string | null; packages: { path: string; folder: string }[] }[]).map(
        ({ revision, packages: uses }) =>
          `${revision}: ${uses.map(({ path, folder }) => path + (folder && `/${folder}`)).join()}`,
      ),
    ]);

  it('has a row for each target, and a column for each revision', async () => {
    const body = await get(admin, matrix('web'));
    expect((body.columns as Body[]).map(({ revision }) => revision)).toEqual(['v3', 'v2', 'v1']);
    expect(body.items[0]).toEqual({
      ...{ target: 'edge-1', targetId: targets['edge-1'], packageCount: 1 },
      cells: [
        {
          ...{ revisionId: blueprints.web?.versions[0], revision: 'v1', behind: 2 },
          packages: [
            { packageId: packages['edge-1/web'], repositoryId: repositories.fleet?.id, path: 'edge-1/web', folder: '' },
          ],
        },
      ],
    });
    expect(await shown(admin, 'web')).toEqual([
      ['edge-1', 'v1: edge-1/web'],
      ['edge-2', 'v3: edge-2/web'],
      ['edge-3', 'v1: edge-3/web'],
    ]);
    expect(await shown(admin, 'db')).toEqual([
      ['edge-1', 'v2: edge-1/db'],
      ['edge-2', 'v1: edge-2/app/database'],
    ]);
    const first = await get(admin, `${matrix('web')}&pageSize=2`);
    const second = await get(admin, `${matrix('web')}&pageSize=2&cursor=${first.nextCursor}`);
    expect([...first.items, ...second.items]).toEqual(body.items);
    expect(second.nextCursor).toBeNull();
  });

  it('names what was made from no publication any more', async () => {
    const { client } = api.database;
    const where = { id: pins['db/v2'] as string };
    await client.upstreamPin.update({ where, data: { revisionId: null, revision: null, state: 'diverged' } });
    expect((await shown(admin, 'db'))[0]).toEqual(['edge-1', 'null: edge-1/db']);
    expect((await csv(admin, matrix('db')))[1]).toBe('edge-1,,,edge-1/db');
    const revisionId = blueprints.db?.versions[1] ?? null;
    await client.upstreamPin.update({ where, data: { revisionId, revision: 'v2', state: 'upToDate' } });
  });

  it('is a table', async () => {
    expect(await csv(admin, matrix('web'))).toEqual([
      'target,v3,v2,v1,other',
      'edge-1,,,edge-1/web,',
      'edge-2,edge-2/web,,,',
      'edge-3,,,edge-3/web,',
    ]);
  });

  it('is of a blueprint, and has packages, that its caller may see', async () => {
    expect(await shown(narrow, 'web')).toEqual([['edge-1', 'v1: edge-1/web']]);
    const hidden = await narrow.call('GET', matrix('keys'));
    expect(hidden).toMatchObject({ status: 404, body: { code: 'notFound' } });
    const none = uuidv7();
    const gone = await narrow.call('GET', `/fleet/matrix?upstreamPackageId=${none}`);
    expect(gone.body.detail.replace(none, '')).toBe(hidden.body.detail.replace(blueprints.keys?.id, ''));
    expect((await admin.call('GET', '/fleet/matrix')).body.code).toBe('invalidQuery');
    expect((await admin.call('GET', `${matrix('web')}&cursor=x`)).body.code).toBe('invalidCursor');
  });
});

describe('the packages of a target', () => {
  const at = (name: string) => `/targets/${targets[name]}/packages`;

  it('are shown with what is published, behind, open, and changed last', async () => {
    const { items } = await get(admin, at('edge-1'));
    expect(items.map(({ path }) => path)).toEqual(['edge-1/db', 'edge-1/keys', 'edge-1/web']);
    expect(items[2]).toMatchObject({
      ...{ packageId: packages['edge-1/web'], repository: 'fleet', realm: '', package: 'web', driftState: 'open' },
      published: { revision: 'v1', publishedBy: 'grace' },
      upstreamStatus: { state: 'behind', behind: 2, current: { revision: 'v1' }, newest: { revision: 'v3' } },
      ...{ foldersBehind: 0, lastChange: { by: 'ada' }, images: [] },
      openDrafts: [{ workspace: 'draft-2', lifecycle: 'draft' }, { workspace: 'draft-3' }],
    });
    const [app] = (await get(admin, at('edge-2'))).items;
    const images = ['docker.io/library/a:1', 'docker.io/library/b:1'];
    expect(app).toMatchObject({
      published: { revision: 'v2' },
      upstreamStatus: { state: 'none' },
      foldersBehind: 1,
      images,
    });
    const [draft] = (await get(admin, at('edge-3'))).items;
    expect(draft).toMatchObject({ path: 'edge-3/new', published: null, openDrafts: [{ lifecycle: 'draft' }] });
    const first = await get(admin, `${at('edge-1')}?pageSize=2`);
    const second = await get(admin, `${at('edge-1')}?pageSize=2&cursor=${first.nextCursor}`);
    expect([...first.items, ...second.items]).toEqual(items);
    expect((await admin.call('GET', `${at('edge-2')}?cursor=${first.nextCursor}`)).body.code).toBe('invalidCursor');
  });

  it('are a table', async () => {
    const [header, , , web] = await csv(admin, at('edge-1'));
    expect(header).toMatch(
      /^repository,path,package,revision,.*,changedBy,deliveredRevision,deliveryState,health,images$/,
    );
    expect(web).toMatch(/^fleet,edge-1\/web,web,v1,\S+,grace,behind,2,v1,v3,0,2,open,\S+,ada,,,,$/);
  });

  it('are those that their caller may see, with no word of upstreams that they may not', async () => {
    const { items } = await get(narrow, at('edge-1'));
    expect(items.map(({ path, upstreamStatus }) => [path, upstreamStatus])).toMatchObject([
      ['edge-1/db', { state: 'upToDate' }],
      ['edge-1/keys', { state: 'behind', behind: null, current: null, newest: null }],
      ['edge-1/web', { state: 'behind', behind: 2 }],
    ]);
    expect((await csv(narrow, at('edge-1')))[2]).toContain(',behind,,,,');
    expect((await narrow.call('GET', at('edge-3'))).body.code).toBe('notFound');
    expect((await admin.call('GET', `/targets/${uuidv7()}/packages`)).status).toBe(404);
  });
});
