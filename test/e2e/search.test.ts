import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Repository } from '../../src/database/generated/client.js';
import { BodyFiller } from '../../src/content/body-filler.js';
import { startTestApi, type TestApi } from '../support/api.js';
import { type Answer, HttpClient } from '../support/http-client.js';
import { addRepository } from '../support/index-rows.js';
import { Random } from '../support/random.js';
import { addRandomIndex, addSearchable, SEARCH_PATHS, SEARCH_VALUES } from '../support/search-index.js';
import { type Candidate, searchSlowly } from '../support/search-oracle.js';
import { signIn } from '../support/sign-in.js';

const RANDOM_QUERIES = Number(process.env.SEARCH_QUERIES ?? 200);
const EVERYTHING = { lifecycle: ['draft', 'proposed', 'published', 'deletionProposed'] };

let api: TestApi;
let everything: Candidate[];
let root: HttpClient;
let reader: HttpClient;
let fleet: Repository;

beforeAll(async () => {
  api = await startTestApi({ AUTH: 'required' });
  const catalog = await addRepository(api.database, { name: 'blueprints' });
  fleet = await addRepository(api.database, { name: 'fleet', deployment: true });
  everything = await addRandomIndex(api, [catalog, fleet], new Random(19));
  const as = async (...given: Parameters<typeof signIn> extends [unknown, ...infer Rest] ? Rest : never) =>
    new HttpClient(api.url, { Authorization: `Bearer ${await signIn(api.database, ...given)}` });
  root = await as('root', { role: 'admin' });
  reader = await as('eve', { role: 'viewer', repositoryId: fleet.id, path: 'edge-1/**' });
}, 60_000);
afterAll(() => api?.close());

interface Result {
  object: { path: string; position: number };
  where: { revisionId: string; path: string; repository: string };
  matches: { field: string; values: string[] }[];
}

/** All results, page after page. */
async function all(client: HttpClient, request: object): Promise<Result[]> {
  const results: Result[] = [];
  for (let cursor: string | undefined; cursor !== null;) {
    const { body } = await client.expect(200, 'POST', '/search', { pageSize: 200, ...request, cursor });
    results.push(...body.items);
    cursor = body.nextCursor;
  }
  return results;
}

const keyOf = ({ object, where }: Result): string => `${where.revisionId} ${object.path} ${object.position}`;
const keysOf = (candidates: readonly Candidate[]): string[] =>
  candidates.map(({ revision, file, position }) => `${revision.id} ${file} ${position}`).sort();

const refusal = (answer: Answer) => ({ status: answer.status, code: answer.body.code, position: answer.body.position });

const QUERIES = [
  ...[
    '',
    'kind = Deployment',
    'kind != Deployment',
    'kind : dep',
    'kind IN (Service, ConfigMap)',
    'NOT kind IN (Service)',
  ],
  ...['apiVersion = apps/v1', 'apiVersion : v1', 'group = ""', 'group = apps', 'group != apps', 'group : example'],
  ...['version = v1', 'version = v1alpha1', 'namespace = shop', 'namespace = ""', 'namespace != shop', 'namespace:*'],
  ...[
    'name = web',
    'name : WEB',
    'name != web',
    'name = ""',
    'name:*',
    'name : ""',
    'NOT namespace : ""',
    'NOT name:*',
    'name : "%"',
    'name : _',
    'name : "\\\\"',
  ],
  ...[
    `name = 'ünï"c\\\\o'`,
    'name : ÜN',
    'name : ün',
    'name : NÏ',
    'spec.list : "É [Ü*"',
    'NOT label.app : É',
    'name IN (web, db, "100%_x")',
  ],
  ...['label.app = web', 'label.app = 1', 'label.app = "true"', 'label.app : e', 'label.app:*', 'label.app != web'],
  ...[
    'label.example.com/tier = gold',
    'label."example.com/tier" = gold',
    'label.none = x',
    'annotation.none:*',
    'label.app IN (1, db)',
  ],
  ...[
    'image = nginx',
    'image = docker.io/library/nginx:latest',
    'image = nginx:1.25',
    'image : nginx',
    'image : quay',
    'image:*',
  ],
  ...['image != nginx', 'NOT image:*', 'image IN (nginx, "quay.io/team/app:v1")', 'image = "no image"'],
  ...[
    'path = a.yaml',
    'path : dir/',
    'path : .json',
    'repository = fleet',
    'target = edge-1',
    'target = ""',
    'target:*',
    'realm = nf',
  ],
  ...[
    'package : p1',
    'packagePath : edge-2',
    'workspace : w1',
    'revision = v2',
    'revision:*',
    'lifecycle = draft',
    'lifecycle != draft',
  ],
  ...[
    'lifecycle IN (draft, proposed)',
    'latest = true',
    'latest = false',
    'latest != true',
    'createdBy = ada',
    'upstream:*',
  ],
  ...[
    'createdAt > 2026-01-20',
    'createdAt <= 2026-01-20T00:00:00Z',
    'publishedAt:*',
    'NOT publishedAt > 2026-01-20',
    'createdAt = 2026-01-20',
    'createdAt IN (2026-01-20, 2026-01-21T21:30:00Z, 2026-01-22T00:00:00Z)',
    ...['!=', '<', '<=', '>', '>='].map((operator) => `createdAt ${operator} 2026-01-20`),
  ],
  ...[
    'spec.replicas = 3',
    'spec.replicas = "3"',
    'spec.replicas > 3',
    'spec.replicas >= 3',
    'spec.replicas < -1',
    'spec.replicas != 3',
  ],
  ...[
    'spec.replicas : 3',
    'spec.replicas:*',
    'spec.list = a',
    'spec.list = null',
    'spec.list = true',
    'spec.list = "true"',
    'spec.list > 1',
  ],
  ...[
    'spec.list < "b"',
    'spec.list : quoted',
    'spec.list.x = 3',
    'spec.list.x:*',
    'spec.list.x.y > 0',
    'spec.deep.x = -2',
    'spec.deep.x = 3.5',
  ],
  ...[
    'spec.list = 12345678901',
    'spec.list = 3.0',
    'spec.list = 350e-2',
    `spec.list = 'A quoted "text"'`,
    'spec.list IN (a, 3, null)',
  ],
  ...[
    'spec."dotted.key" = a',
    '.data:*',
    '.data.key = ""',
    '.kind = Service',
    'spec.none:*',
    'spec.none = 1',
    'NOT spec.none = 1',
  ],
  ...['spec.list = yes', 'spec.list IN (0x4, ~, 3.50)', 'spec.replicas <= 0b11', 'latest = yes', 'latest IN (off, No)'],
  ...['spec.template.spec.containers.image : nginx', 'spec.template.spec.containers.name = side'],
  ...['(kind = Service OR kind = Widget) AND NOT (name = web OR namespace = shop)', 'NOT (NOT kind = Service)'],
  ...[
    'kind = Deployment AND spec.replicas > 2 AND image : nginx AND label.app:*',
    'latest = true OR repository = fleet',
  ],
];

describe('a search', () => {
  it.each(QUERIES)('finds what looking at each object finds: %s', async (query) => {
    const found = await all(root, { query, scope: EVERYTHING });
    expect(found.map(keyOf).sort()).toEqual(keysOf(searchSlowly(query, everything)));
  });

  it(`finds the same with ${RANDOM_QUERIES} random queries, and refuses none without a position`, async () => {
    const random = new Random(Number(process.env.SEARCH_SEED ?? 7));
    let found = 0;
    for (let count = 0; count < RANDOM_QUERIES; count += 1) {
      const query = randomQuery(random, 3);
      const answer = await root.call('POST', '/search', { query, scope: EVERYTHING, pageSize: 500, facets: ['kind'] });
      if (answer.status !== 200) {
        expect(answer, query).toMatchObject({ status: 422, body: { code: 'invalidSearch' } });
        expect(answer.body.position, query).toBeLessThanOrEqual(query.length);
        continue;
      }
      const expected = keysOf(searchSlowly(query, everything));
      expect(answer.body.items.map(keyOf).sort(), query).toEqual(expected.length > 500 ? expect.anything() : expected);
      found += answer.body.items.length === 0 ? 0 : 1;
    }
    expect(found).toBeGreaterThan(RANDOM_QUERIES / 4);
  }, 600_000);

  it('is over the latest publications, unless somebody says which revisions they mean', async () => {
    const of = async (query: string, scope?: object) => (await all(root, { query, scope })).map(keyOf).sort();
    const where = (test: (revision: Candidate['revision']) => boolean) =>
      keysOf(everything.filter(({ revision }) => test(revision)));
    expect(await of('')).toEqual(where(({ latest }) => latest));
    expect(await of('', { latest: false })).toEqual(
      where(({ latest, lifecycle }) => !latest && lifecycle === 'published'),
    );
    expect(await of('lifecycle = draft')).toEqual(where(({ lifecycle }) => lifecycle === 'draft'));
    expect(await of('', { lifecycle: ['draft'], repository: 'fleet' })).toEqual(
      where(({ lifecycle, repository }) => lifecycle === 'draft' && repository === 'fleet'),
    );
    expect(await of('revision = v1')).toEqual(where(({ revision }) => revision === 'v1'));
    expect(await of('', { target: 'edge-1' })).toEqual(where(({ latest, target }) => latest && target === 'edge-1'));
    expect(await of('createdBy = ada AND publishedAt >= 2026-02-01')).toEqual(
      where(
        ({ latest, createdBy, publishedAt }) =>
          latest && createdBy === 'ada' && Number(publishedAt) >= Date.UTC(2026, 1),
      ),
    );
  });

  it.each(['object', '-object', 'name', '-name', 'kind', '-kind', 'revision', '-revision'])(
    'goes on where a page ended, in the order %s',
    async (sort) => {
      const request = { query: 'kind = Service', scope: EVERYTHING, sort };
      const small = await all(root, { ...request, pageSize: 7 });
      const large = await all(root, request);
      expect(small.map(keyOf)).toEqual(large.map(keyOf));
      expect(large.map(keyOf).sort()).toEqual(keysOf(searchSlowly('kind = Service', everything)));
    },
  );

  it('says which values matched', async () => {
    const query =
      'spec.template.spec.containers.image : nginx AND image:* AND label.app:* AND kind = Deployment AND NOT name = x';
    const [hit] = await all(root, { query, scope: EVERYTHING });
    expect(hit?.matches).toEqual([
      {
        field: 'spec.template.spec.containers.image',
        values: expect.arrayContaining([expect.stringContaining('nginx')]),
      },
      { field: 'image', values: expect.arrayContaining([expect.stringMatching(/^(docker|quay)\.io/)]) },
      { field: 'label.app', values: [expect.any(String)] },
      { field: 'kind', values: ['Deployment'] },
    ]);
  });

  it('counts all results by what is asked for', async () => {
    const request = {
      query: 'kind = Deployment',
      facets: ['kind', 'namespace', 'repository', 'target', 'image', 'label'],
    };
    const { body } = await root.expect(200, 'POST', '/search', { ...request, pageSize: 1 });
    const matching = searchSlowly('kind = Deployment AND latest = true', everything);
    const counted = (values: (candidate: Candidate) => string[]) => {
      const counts = new Map<string, number>();
      for (const value of matching.flatMap(values)) counts.set(value, (counts.get(value) ?? 0) + 1);
      return Object.fromEntries(counts);
    };
    const metadataOf = ({ body: { metadata } }: Candidate) =>
      metadata as { namespace?: string; labels?: Record<string, string> };
    const expected = {
      kind: counted(() => ['Deployment']),
      namespace: counted((candidate) => [metadataOf(candidate).namespace ?? '']),
      repository: counted(({ revision }) => [revision.repository]),
      target: counted(({ revision }) => [revision.target ?? '']),
      image: counted(({ images }) => images),
      label: counted((candidate) => Object.entries(metadataOf(candidate).labels ?? {}).map((pair) => pair.join('='))),
    };
    const given: Record<string, Record<string, number>> = {};
    for (const { facet, value, count } of body.facets) (given[facet] ??= {})[value] = count;
    expect(given).toEqual(expected);
    const twice = await root.expect(200, 'POST', '/search', { ...request, facets: ['kind', 'kind'] });
    expect(twice.body.facets).toEqual([{ facet: 'kind', value: 'Deployment', count: matching.length }]);
    expect(body.items).toHaveLength(1);
    expect(body.complete).toBe(true);
  });

  it('can be a URL', async () => {
    const { body } = await root.expect(200, 'GET', `/search?q=${encodeURIComponent('kind = Service')}&pageSize=500`);
    expect(body.items.map(keyOf).sort()).toEqual(keysOf(searchSlowly('kind = Service AND latest = true', everything)));
    expect(body.facets).toEqual([]);
    const first = await root.expect(200, 'GET', '/search?pageSize=1');
    expect((await root.call('GET', `/search?q=kind:*&cursor=${first.body.nextCursor}`)).body.code).toBe(
      'invalidCursor',
    );
    expect(refusal(await root.call('GET', '/search?q=kind'))).toEqual({
      status: 422,
      code: 'invalidSearch',
      position: 4,
    });
  });

  it.each([
    [{ query: 'kind' }, 422, 'invalidSearch', 4],
    [{ query: 'a'.repeat(9000) }, 422, 'invalidBody', undefined],
    [{ query: 'kind = "\0"' }, 422, 'invalidBody', undefined],
    [{ scope: { waitingFor: 'me' } }, 422, 'invalidBody', undefined],
    [{ scope: { lifecycle: 'draft' } }, 422, 'invalidBody', undefined],
    [{ facets: ['colour'] }, 422, 'invalidBody', undefined],
    [{ sort: 'colour' }, 422, 'invalidBody', undefined],
    [{ pageSize: 0 }, 422, 'invalidBody', undefined],
    [{ cursor: 'x' }, 400, 'invalidCursor', undefined],
  ])('refuses %j', async (request, status, code, position) => {
    expect(refusal(await root.call('POST', '/search', request))).toEqual({ status, code, position });
  });

  it('leaves no trace in the audit log', async () => {
    const before = await api.database.client.auditEntry.count({ where: { action: 'searchObjects' } });
    await root.expect(200, 'POST', '/search', { query: '' });
    expect(await api.database.client.auditEntry.count({ where: { action: 'searchObjects' } })).toBe(before);
  });
});

describe('what is not searched', () => {
  const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
  const secret = {
    ...{ apiVersion: 'v1', kind: 'Secret', type: 'Opaque' },
    metadata: {
      name: 'door',
      labels: { app: 'door' },
      annotations: { [LAST_APPLIED]: '{"k":"hush"}', note: 'of a door' },
    },
    data: { key: 'aHVzaA==' },
    stringData: { word: 'hush' },
  };
  const bundle = { apiVersion: 'example.com/v1', kind: 'Bundle', parts: [{ ...secret, metadata: { name: 'door' } }] };
  beforeAll(async () => {
    await addSearchable(api, { repository: fleet, name: 'secrets', version: 1, files: { 'a.yaml': [secret, bundle] } });
  });
  const scope = { package: 'secrets' };

  it.each([
    ...[
      '.data:*',
      'NOT data.key != aHVzaA==',
      'data.key = "aHVzaA=="',
      '.stringData:*',
      'stringData.word : hus',
      'parts.data:*',
    ],
    ...['parts.stringData.word = hush', `annotation.${LAST_APPLIED}:*`, `annotation.${LAST_APPLIED} : hush`],
    `metadata.annotations."${LAST_APPLIED}" : hush`,
  ])('are the values of Secrets: %s', async (query) => {
    expect(await all(root, { query, scope })).toEqual([]);
  });

  it('are not their names and labels', async () => {
    const { body } = await root.expect(200, 'POST', '/search', {
      query: 'label.app = door AND annotation.note : door',
      scope,
    });
    expect(body.items).toMatchObject([{ object: { kind: 'Secret', name: 'door' } }]);
    expect(JSON.stringify(body)).not.toMatch(/hush|aHVzaA/);
  });
});

describe('content that was indexed before there was a search', () => {
  it('is read again step by step, and answers say so until then', async () => {
    const { client } = api.database;
    const before = await client.krmObject.findMany({ orderBy: [{ blobOid: 'asc' }, { position: 'asc' }] });
    await client.$executeRaw`UPDATE krm_object SET body = NULL, images = '{}'`;
    expect((await root.expect(200, 'GET', '/search')).body.complete).toBe(false);
    // What no file gives any more.
    await client.krmObject.updateMany({
      where: { blobOid: before[0]?.blobOid ?? '', position: 0 },
      data: { position: 77 },
    });
    while ((await api.app.get(BodyFiller).fillSome()) > 0);
    expect((await root.expect(200, 'GET', '/search')).body.complete).toBe(true);
    const after = await client.krmObject.findMany({ orderBy: [{ blobOid: 'asc' }, { position: 'asc' }] });
    expect(after.filter(({ position }) => position !== 77)).toEqual(before.slice(1));
    await client.krmObject.deleteMany({ where: { position: 77 } });
  });
});

describe('a search that takes too long', () => {
  it('is ended, with advice', async () => {
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    let locked = Promise.resolve();
    await new Promise<void>((resolve) => {
      locked = api.database.transaction(async () => {
        await api.database.client.$executeRaw`LOCK TABLE krm_object IN ACCESS EXCLUSIVE MODE`;
        resolve();
        await released;
      });
    });
    const answers = await Promise.all([
      root.call('POST', '/search', { query: 'kind:*' }),
      ...['/search?q=kind:*', '/images', '/images/uses?image=nginx'].map((path) => root.call('GET', path)),
    ]);
    release();
    await locked;
    for (const { status, body } of answers) {
      expect({ status, body }).toMatchObject({ status: 422, body: { code: 'queryTooExpensive' } });
      expect(body.detail).toContain('Narrow it');
    }
  }, 20_000);
});

describe('somebody who may see one path', () => {
  it.each(QUERIES)('finds nothing of another, in any order, and counts nothing of it: %s', async (query) => {
    const theirs = everything.filter(
      ({ revision }) => revision.repository === 'fleet' && revision.path.startsWith('edge-1/'),
    );
    const expected = searchSlowly(query, theirs);
    const facets = ['repository', 'target', 'label'];
    for (const sort of ['object', '-name', 'revision']) {
      const { body } = await reader.expect(200, 'POST', '/search', {
        query,
        scope: EVERYTHING,
        sort,
        facets,
        pageSize: 500,
      });
      expect(body.items.map(keyOf).sort()).toEqual(keysOf(expected));
      const counted = (body.facets as { facet: string }[]).filter(({ facet }) => facet !== 'label');
      const count = expected.length;
      const theirOnes = [
        { facet: 'repository', value: 'fleet', count },
        { facet: 'target', value: 'edge-1', count },
      ];
      expect(counted).toEqual(count === 0 ? [] : theirOnes);
    }
  });
});

/** Mostly well formed, sometimes not. */
function randomQuery(random: Random, depth: number): string {
  const pick = (items: readonly string[]): string => random.pick(items) as string;
  if (depth > 0 && random.chance(0.5)) {
    const [left, right] = [randomQuery(random, depth - 1), randomQuery(random, depth - 1)];
    const joined = random.chance(0.2) ? `NOT (${left})` : `(${left}) ${pick(['AND', 'OR'])} (${right})`;
    return random.chance(0.03) ? joined.slice(random.between(1, 9)) : joined;
  }
  const field = random.chance(0.6)
    ? pick(SEARCH_PATHS)
    : pick([
        'kind',
        'name',
        'namespace',
        'group',
        'image',
        'label.app',
        'path',
        'target',
        'latest',
        'createdAt',
        'revision',
      ]);
  if (random.chance(0.1)) return `${field}:*`;
  if (random.chance(0.1)) return `${field} IN (${pick(SEARCH_VALUES)}, ${pick(SEARCH_VALUES)})`;
  return `${field} ${pick(['=', '=', '!=', ':', '<', '<=', '>', '>='])} ${pick(SEARCH_VALUES)}`;
}
