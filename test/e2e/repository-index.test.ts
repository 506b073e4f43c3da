import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestApi, type TestApi } from '../support/api.js';
import { type Call, HttpClient } from '../support/http-client.js';
import { addDraft, clear, gitOf } from '../support/index-rows.js';

let api: TestApi;
let call: Call;
beforeAll(async () => {
  api = await startTestApi();
  call = new HttpClient(api.url).call;
});
afterAll(() => api.close());
beforeEach(() => clear(api));

const create = (name: string, more: object = {}, headers?: Record<string, string>) =>
  call('POST', '/repositories', { name, git: gitOf(name), ...more }, headers);

describe('reading', () => {
  it('answers 304 to the ETag it gave, also when only the time of the last sync has changed', async () => {
    const { body } = await create('a');
    const known = { 'If-None-Match': `"other", W/"${body.etag}"` };
    await api.database.client.repositoryPolling.updateMany({ data: { lastSyncedAt: new Date() } });
    const same = await call('GET', `/repositories/${body.id}`, undefined, known);
    expect([same.status, same.body, same.headers.get('etag')]).toEqual([304, undefined, `"${body.etag}"`]);
    await addDraft(api, body);
    const changed = await call('GET', `/repositories/${body.id}`, undefined, known);
    expect(changed).toMatchObject({ status: 200, body: { status: { packageCount: 1, revisionCount: 1 } } });
  });

  it('pages through all of them once, while others are registered', async () => {
    const names = Array.from({ length: 23 }, (_, index) => `r${String(index).padStart(2, '0')}`);
    for (const name of names) await create(name);
    const seen: string[] = [];
    let path = '/repositories?pageSize=5';
    for (let page = 0; page < 10; page += 1) {
      const { body } = await call('GET', path);
      seen.push(...body.items.map((item: { name: string }) => item.name));
      if (body.nextCursor === null) break;
      await create(`r0-${page}`);
      await create(`z-${page}`);
      path = `/repositories?pageSize=5&cursor=${body.nextCursor}`;
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.filter((name) => names.includes(name))).toEqual(names);
  });

  it('refuses a cursor of another filter, or one that was changed', async () => {
    await create('a');
    await create('b');
    const { nextCursor } = (await call('GET', '/repositories?pageSize=1')).body;
    const changed = Buffer.from(Buffer.from(nextCursor, 'base64url').toString().replace('"a"', '"b"')).toString(
      'base64url',
    );
    for (const query of [`cursor=${nextCursor}&q=b`, `cursor=${changed}`]) {
      expect(await call('GET', `/repositories?${query}`)).toMatchObject({
        status: 400,
        body: { code: 'invalidCursor' },
      });
    }
  });

  it('takes a page size beyond the largest as the largest', async () => {
    expect((await call('GET', '/repositories?pageSize=100000')).status).toBe(200);
  });

  it.each([
    ['name=blue-1', ['blue-1']],
    ['q=LUE', ['blue-1', 'blue-2']],
    ['q=%25', []],
    ['deployment=true', ['blue-2']],
    ['labelSelector=team', ['blue-1', 'blue-2']],
    ['labelSelector=!team', ['red']],
    ['labelSelector=team=a', ['blue-1']],
    ['labelSelector=team!=a', ['blue-2', 'red']],
    ['labelSelector=team in (a,b),tier', ['blue-2']],
    ['labelSelector=team notin (a,c)&q=e', ['blue-2', 'red']],
  ])('filters by %s', async (query, expected) => {
    await create('blue-1', { labels: { team: 'a' } });
    await create('blue-2', { labels: { team: 'b', tier: '' }, deployment: true });
    await create('red');
    const { body } = await call('GET', `/repositories?${query}`);
    expect(body.items.map((item: { name: string }) => item.name)).toEqual(expected);
  });
});

describe('unregistering', () => {
  it('forgets it, its index and its polling, and cancels what waits for it', async () => {
    const { body } = await create('a');
    const gone = await call('DELETE', `/repositories/${body.id}`, undefined, { 'If-Match': `"${body.etag}"` });
    expect([gone.status, gone.body]).toEqual([204, undefined]);
    expect((await call('GET', `/repositories/${body.id}`)).status).toBe(404);
    expect(await api.database.client.repositoryPolling.count()).toBe(0);
    expect(await api.database.client.operation.findMany()).toMatchObject([{ state: 'cancelled' }]);
  });

  it('refuses while there are drafts, naming them, unless told to discard them', async () => {
    const { body } = await create('a');
    await addDraft(api, body);
    const path = `/repositories/${body.id}`;
    expect(await call('DELETE', path, undefined, { 'If-Match': '*' })).toMatchObject({
      status: 409,
      body: { code: 'draftsExist', drafts: ['catalog.a..a.w'], draftCount: 1 },
    });
    expect((await call('DELETE', `${path}?drafts=keep`, undefined, { 'If-Match': '*' })).status).toBe(400);
    expect((await call('DELETE', `${path}?drafts=discard`, undefined, { 'If-Match': '*' })).status).toBe(204);
    expect(await api.database.client.packageRevision.count()).toBe(0);
  });
});
