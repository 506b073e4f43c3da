import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApi, type TestApi } from '../support/api.js';
import { type Body, type Call, HttpClient } from '../support/http-client.js';
import { addRepository, markPublished } from '../support/index-rows.js';
import { signIn } from '../support/sign-in.js';

let api: TestApi;
let root: Call;
/** Sees the repository `edge` alone. */
let ada: Call;

const as = (token: string): Call => new HttpClient(api.url, { Authorization: `Bearer ${token}` }).call;

async function draft(repositoryId: string, name: string, given: object = {}): Promise<Body> {
  const body = { repositoryId, package: name, workspace: 'one', source: { type: 'init' }, ...given };
  const created = await root('POST', '/package-revisions', body);
  expect(created.status, created.text).toBe(201);
  return created.body;
}

async function published(repositoryId: string, name: string, revision: string, given: object = {}): Promise<Body> {
  const { id } = await draft(repositoryId, name, given);
  await markPublished(api.database, id, revision);
  return (await root('GET', `/package-revisions/${id}`)).body;
}

beforeAll(async () => {
  api = await startTestApi({ AUTH: 'required' });
  const blueprints = (await addRepository(api.database, { name: 'blueprints' })).id;
  const edge = (await addRepository(api.database, { name: 'edge' })).id;
  root = as(await signIn(api.database, 'root', { role: 'admin' }));
  ada = as(await signIn(api.database, 'ada', { role: 'author', repositoryId: edge }));
  const v1 = await published(blueprints, 'core', 'v1', { realm: 'nf' });
  const clone = { type: 'clone', upstream: { revisionId: v1.id } };
  const first = await published(edge, 'paris', 'v1', { source: clone });
  await draft(edge, 'rome', { source: clone });
  await draft(edge, 'oslo', { source: { type: 'clone', upstream: { revisionId: first.id } } });
});
afterAll(() => api.close());

const listed = async (who: Call, query: string): Promise<string[]> => {
  const { status, body, text } = await who('GET', `/package-revisions?${query}`);
  expect(status, text).toBe(200);
  return (body as Body).items.map((item) => String(item.package));
};

describe('upstream', () => {
  it('finds clones by the name that people write', async () => {
    expect(await listed(root, 'upstream=blueprints/nf/core@v1')).toEqual(['paris', 'rome']);
    expect(await listed(root, 'upstream=blueprints/nf/core@v1&latest=true')).toEqual(['paris']);
    expect(await listed(root, 'upstream=blueprints%2Fnf%2Fcore%40v2')).toEqual([]);
    expect(await listed(root, 'upstream=nowhere/nf/core@v1')).toEqual([]);
  });

  it('tells nothing of one that the caller may not see', async () => {
    expect(await listed(ada, 'upstream=edge/paris@v1')).toEqual(['oslo']);
    expect(await listed(ada, 'upstream=blueprints/nf/core@v1')).toEqual([]);
    expect(await listed(ada, 'upstream=blueprints/nf/core@v2')).toEqual([]);
  });

  it.each(['blueprints', 'blueprints/nf/core', '@v1', '/core@v1', 'blueprints/core@', 'blueprints/core@v/1'])(
    'refuses "%s", which names no revision',
    async (text) => {
      expect(await root('GET', `/package-revisions?upstream=${encodeURIComponent(text)}`)).toMatchObject({
        status: 400,
        body: { code: 'invalidQuery', errors: [{ pointer: 'upstream' }] },
      });
    },
  );
});

/** All items, page by page. */
async function pages(who: Call, path: string, pageSize: number): Promise<Body[]> {
  const items: Body[] = [];
  let cursor = '';
  do {
    const { status, body, text } = await who('GET', `${path}pageSize=${pageSize}${cursor}`);
    expect(status, text).toBe(200);
    items.push(...(body as Body).items);
    cursor = (body as Body).nextCursor === null ? '' : `&cursor=${(body as Body).nextCursor}`;
  } while (cursor !== '');
  return items;
}

describe('times, people and orders of package revisions', () => {
  const day = (number: number) => new Date(Date.UTC(2026, 0, number));
  let all: Body[];

  beforeAll(async () => {
    const people = ['ada', 'grace', 'henk'];
    const { id: repositoryId } = await addRepository(api.database, { name: 'timed' });
    for (let n = 0; n < 12; n += 1) {
      const { id } = await draft(repositoryId, `p${n}`);
      const isFound = n % 3 === 0;
      if (n % 3 < 2) await markPublished(api.database, id, 'v1');
      const [created, updated, published] = isFound ? [n, n, n] : [n, 20 - n, 10 + (n % 4)];
      await api.database.client.packageRevision.update({
        where: { id },
        data: {
          ...{ createdAt: day(created), updatedAt: day(updated), createdBy: people[created % 3] ?? '' },
          ...{ updatedBy: people[updated % 3] ?? '', asFound: isFound },
          ...(n % 3 < 2 && { publishedAt: day(published), publishedBy: people[published % 3] ?? '' }),
        },
      });
    }
    all = await pages(root, '/package-revisions?repository=timed&', 50);
    expect(all).toHaveLength(12);
  });

  const ask = async (query: string): Promise<string[]> => {
    const [whole, ...others] = await Promise.all(
      [50, 1, 5].map((size) => pages(root, `/package-revisions?repository=timed&${query}&`, size)),
    );
    for (const other of others) expect(other).toEqual(whole);
    return (whole ?? []).map(({ id }) => id);
  };
  const idsOf = (items: readonly Body[]) => items.map(({ id }) => id);
  const sorted = (field: string, items = all) =>
    items
      .filter((item) => item[field] !== null)
      .toSorted((one, other) => `${String(one[field])}${one.id}`.localeCompare(`${String(other[field])}${other.id}`));

  it.each(['created', 'updated', 'published'])('%s by somebody', async (deed) => {
    for (const user of ['ada', 'grace', 'henk', 'nobody']) {
      const wanted = all.filter((item) => item[`${deed}By`] === user);
      expect(await ask(`${deed}By=${user}`)).toEqual(idsOf(wanted));
      expect(await ask(`${deed}By=${user}&lifecycle=draft`)).toEqual(
        idsOf(wanted.filter(({ lifecycle }) => lifecycle === 'draft')),
      );
    }
  });

  it.each(['created', 'updated', 'published'])(
    '%s from one moment on, and before another, in that order',
    async (deed) => {
      const [since, until] = [day(6), day(12)];
      const at = (item: Body) => new Date(String(item[`${deed}At`]));
      const inOrder = sorted(`${deed}At`);
      const from = inOrder.filter((item) => at(item) >= since);
      const before = inOrder.filter((item) => at(item) < until);
      expect(from.length * before.length).toBeGreaterThan(0);
      expect(await ask(`${deed}Since=${since.toISOString()}`)).toEqual(idsOf(from));
      expect(await ask(`${deed}Until=2026-01-12T02:00:00%2B02:00`)).toEqual(idsOf(before));
      expect(await ask(`${deed}Since=${since.toISOString()}&${deed}Until=${until.toISOString()}`)).toEqual(
        idsOf(from.filter((item) => at(item) < until)),
      );
      expect(await ask(`${deed}Since=9999-12-31T23:59:59-23:59`)).toEqual([]);
      expect(await ask(`${deed}Until=0000-01-01T00:00:00Z`)).toEqual([]);
    },
  );

  it.each(['name', 'createdAt', 'updatedAt', 'publishedAt'])('sorted by %s, both ways', async (field) => {
    const up = await ask(`sort=${field}`);
    expect(up).toEqual(idsOf(sorted(field)));
    expect(await ask(`sort=-${field}`)).toEqual(up.toReversed());
    const mine = sorted(field).filter(({ createdBy }) => createdBy === 'ada');
    expect(await ask(`sort=${field}&createdBy=ada&createdSince=2000-01-01T00:00:00Z`)).toEqual(idsOf(mine));
  });

  it('says what is no time and no order, and keeps cursors to their order', async () => {
    for (const [name, value] of [
      ['createdSince', 'yesterday'],
      ['updatedUntil', '2026-01-12'],
      ['publishedSince', '2026-13-01T00:00:00Z'],
      ['createdBy', ''],
      ['sort', 'tree'],
      ['sort', '--name'],
      ['sort', ''],
    ]) {
      expect(await root('GET', `/package-revisions?${name}=${value}`), `${name}=${value}`).toMatchObject({
        status: 400,
        body: { code: 'invalidQuery', errors: [{ pointer: name }] },
      });
    }
    const { body } = await root('GET', '/package-revisions?sort=name&pageSize=1');
    expect(await root('GET', `/package-revisions?sort=-name&pageSize=1&cursor=${body.nextCursor}`)).toMatchObject({
      status: 400,
      body: { code: 'invalidCursor' },
    });
  });

  it('shows a caller the same of what they may see, and nothing of the rest', async () => {
    expect(await pages(ada, '/package-revisions?createdSince=2000-01-01T00:00:00Z&sort=-createdAt&', 1)).toHaveLength(
      3,
    );
    expect(await pages(ada, '/package-revisions?createdBy=henk&', 1)).toEqual([]);
  });
});

describe('orders of the other lists', () => {
  const lists: [string, string[]][] = [
    ['repositories', ['name', 'createdAt']],
    ['credentials', ['name', 'createdAt']],
    ['packages', ['path', 'name', 'createdAt']],
    ['operations', ['createdAt']],
    ['audit-entries', ['time']],
    ['role-bindings', ['createdAt']],
    ['api-tokens', ['createdAt']],
  ];
  beforeAll(async () => {
    for (const name of ['b', 'a', 'c']) {
      const body = { name, type: 'token', token: 'x' };
      expect((await root('POST', '/credentials', body)).status).toBe(201);
      expect((await root('POST', '/api-tokens', { description: name })).status).toBe(201);
    }
  });

  it.each(lists)('%s', async (list, fields) => {
    for (const field of fields) {
      const query = `/${list}?sort=${field}&`;
      const up = await pages(root, query, 3);
      expect(up.length).toBeGreaterThan(1);
      const down = (await pages(root, query.replace('sort=', 'sort=-'), 500)).toReversed();
      expect(down.map(({ id }) => id)).toEqual(up.map(({ id }) => id));
      const key = (item: Body) => String(field === 'name' && list === 'packages' ? item.package : item[field]);
      expect(up.map(key)).toEqual(up.map(key).toSorted());
      expect((await root('GET', `/${list}?sort=etag`)).status).toBe(400);
    }
  });
});

describe('labels of packages', () => {
  const ANY = { 'If-Match': '*' };
  const find = async (path: string): Promise<Body> => {
    const { body } = await root('GET', `/packages?repository=blueprints&path=${path}`);
    return (body as Body).items[0] as Body;
  };

  it('are set, merged and removed, under an entity tag', async () => {
    const { id, etag, labels } = await find('nf/core');
    expect(labels).toEqual({});
    const set = { labels: { team: 'net', tier: 'gold' }, annotations: { note: 'any text\n' } };
    expect((await root('PATCH', `/packages/${id}`, set)).status).toBe(428);
    const first = await root('PATCH', `/packages/${id}`, set, { 'If-Match': `"${etag}"` });
    expect(first).toMatchObject({ status: 200, body: set });
    expect(first.headers.get('etag')).toBe(`"${first.body.etag}"`);
    expect((await root('PATCH', `/packages/${id}`, set, { 'If-Match': `"${etag}"` })).status).toBe(412);
    const merged = await root('PATCH', `/packages/${id}`, { labels: { tier: null }, annotations: null }, ANY);
    expect(merged.body).toMatchObject({ labels: { team: 'net' }, annotations: {} });
    const again = await root('PATCH', `/packages/${id}`, { labels: { team: 'net' } }, ANY);
    expect(again.body).toEqual(merged.body);
    for (const bad of [{ labels: { team: 'a b' } }, { annotations: { 'a b': '' } }, { name: 'x' }]) {
      expect((await root('PATCH', `/packages/${id}`, bad, ANY)).status).toBe(422);
    }
    const { body } = await root('GET', `/audit-entries?action=updatePackage&resourceId=${id}`);
    expect((body as Body).items.at(-1)).toMatchObject({
      ...{ actor: 'root', outcome: 'succeeded', resourceType: 'Package', path: 'nf/core' },
      ...{ before: etag, after: first.body.etag },
    });
  });

  it('select packages and all revisions of theirs, of those that the caller may see', async () => {
    const { items } = (await root('GET', '/packages?repository=edge')).body as Body;
    for (const { id } of items)
      expect((await root('PATCH', `/packages/${id}`, { labels: { at: 'edge' } }, ANY)).status).toBe(200);
    expect(await listed(root, 'packageLabelSelector=at=edge')).toEqual(['paris', 'rome', 'oslo']);
    expect(await listed(root, 'packageLabelSelector=team=net')).toEqual(['core']);
    expect(await listed(root, 'packageLabelSelector=!team&repository=blueprints')).toEqual([]);
    expect(await listed(ada, 'packageLabelSelector=team=net')).toEqual([]);
    const { body } = await root('GET', '/packages?labelSelector=team in (net)');
    expect((body as Body).items.map(({ path }) => path)).toEqual(['nf/core']);
    expect((await root('GET', '/packages?labelSelector=a in b')).body).toMatchObject({ code: 'invalidQuery' });
  });

  it('are changed by those who draft there', async () => {
    const hidden = await find('nf/core');
    expect((await ada('PATCH', `/packages/${hidden.id}`, { labels: {} }, ANY)).status).toBe(404);
    const own = ((await ada('GET', '/packages?repository=edge')).body as Body).items[0] as Body;
    expect((await ada('PATCH', `/packages/${own.id}`, { labels: { of: 'ada' } }, ANY)).status).toBe(200);
  });
});
