import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApi, type TestApi } from '../support/api.js';
import { type Body, HttpClient } from '../support/http-client.js';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api?.close());

const as = (user: string) => new HttpClient(api.url, { 'X-Remote-User': user });
const [ada, grace] = ['ada', 'grace'].map((user) => ({
  call: (...request: Parameters<HttpClient['call']>) => as(user).call(...request),
  expect: (...request: Parameters<HttpClient['expect']>) => as(user).expect(...request),
})) as [Pick<HttpClient, 'call' | 'expect'>, Pick<HttpClient, 'call' | 'expect'>];
const ANY = { 'If-Match': '*' };
const made = async (given: object) =>
  (await ada.expect(201, 'POST', '/views', { query: 'kind = Pod', ...given })).body as Body;
const namesOf = async (who: typeof ada, query: string) =>
  ((await who.expect(200, 'GET', `/views?${query}`)).body as Body).items.map(({ name }) => name);

describe('views', () => {
  it('are made, read, changed and deleted by their owner', async () => {
    const once = { 'Idempotency-Key': 'view-1' };
    const [view, again] = (await Promise.all(
      [1, 2].map(
        async () => (await ada.expect(201, 'POST', '/views', { name: 'one', query: 'kind = Pod' }, once)).body,
      ),
    )) as [Body, Body];
    expect(again).toEqual(view);
    expect(view).toMatchObject({ name: 'one', query: 'kind = Pod', shared: false, owner: 'ada' });
    expect((await ada.expect(200, 'GET', `/views/${view.id}`)).body).toEqual(view);
    const known = await ada.call('GET', `/views/${view.id}`, undefined, { 'If-None-Match': `"${view.etag}"` });
    expect(known.status).toBe(304);
    const patch = { name: 'uno', query: 'kind = Service', shared: true };
    expect((await ada.call('PATCH', `/views/${view.id}`, patch)).status).toBe(428);
    const seen = { 'If-Match': `"${view.etag}"` };
    const changed = await ada.expect(200, 'PATCH', `/views/${view.id}`, patch, seen);
    expect(changed.body).toMatchObject(patch);
    expect(changed.body.etag).not.toBe(view.etag);
    expect((await ada.call('PATCH', `/views/${view.id}`, { shared: false }, seen)).body.code).toBe(
      'preconditionFailed',
    );
    expect((await ada.expect(200, 'PATCH', `/views/${view.id}`, {}, ANY)).body).toEqual(changed.body);
    await ada.expect(204, 'DELETE', `/views/${view.id}`, undefined, ANY);
    expect((await ada.call('GET', `/views/${view.id}`)).status).toBe(404);
  });

  it('that somebody keeps to themselves are not there for others, and shared ones are theirs to read alone', async () => {
    const [own, shared] = [await made({ name: 'own' }), await made({ name: 'shared', shared: true })];
    for (const [method, body] of [['GET'], ['PATCH', { name: 'x' }], ['DELETE']] as const) {
      const hidden = await grace.call(method, `/views/${own.id}`, body, ANY);
      expect(hidden.body).toMatchObject({ code: 'notFound', detail: `There is no view with the id ${own.id}.` });
    }
    expect((await grace.expect(200, 'GET', `/views/${shared.id}`)).body).toEqual(shared);
    expect((await grace.call('PATCH', `/views/${shared.id}`, { name: 'x' }, ANY)).body.code).toBe('forbidden');
    expect((await grace.call('DELETE', `/views/${shared.id}`, undefined, ANY)).body.code).toBe('forbidden');
    expect(await namesOf(grace, 'owner=ada')).toEqual(['shared']);
    expect(await namesOf(grace, 'owner=ada&shared=false')).toEqual([]);
    expect(await namesOf(ada, 'owner=ada&sort=-name')).toEqual(['shared', 'own']);
    expect(await namesOf(ada, 'name=own')).toEqual(['own']);
    const first = (await ada.expect(200, 'GET', '/views?pageSize=1')).body;
    const second = (await ada.expect(200, 'GET', `/views?pageSize=1&cursor=${first.nextCursor}`)).body;
    expect([...first.items, ...second.items].map(({ name }: Body) => name)).toEqual(['own', 'shared']);
  });

  it('have a name of their owner alone, and a query that can be read', async () => {
    const view = await made({ name: 'taken' });
    const again = await ada.call('POST', '/views', { name: 'taken', query: '' });
    expect(again).toMatchObject({ status: 409, body: { code: 'alreadyExists', id: view.id } });
    const other = await made({ name: 'other' });
    expect((await ada.call('PATCH', `/views/${other.id}`, { name: 'taken' }, ANY)).status).toBe(409);
    await grace.expect(201, 'POST', '/views', { name: 'taken', query: '' });
    const wrong = { status: 422, body: { code: 'invalidSearch', position: 4 } };
    expect(await ada.call('POST', '/views', { name: 'wrong', query: 'kind' })).toMatchObject(wrong);
    expect(await ada.call('PATCH', `/views/${other.id}`, { query: 'kind' }, ANY)).toMatchObject(wrong);
    expect((await ada.call('POST', '/views', { name: '', query: '' })).status).toBe(422);
  });

  it('are two hundred of one owner at most', async () => {
    const now = new Date();
    await api.database.client.searchView.createMany({
      data: Array.from({ length: 200 }, (_, index) => ({
        id: `0199a0de-0000-7000-8000-${String(index).padStart(12, '0')}`,
        ...{ name: `view ${index}`, query: '', shared: false, owner: 'alan', createdAt: now, updatedAt: now },
      })),
    });
    const refused = await as('alan').call('POST', '/views', { name: 'one more', query: '' });
    expect(refused).toMatchObject({ status: 422, body: { code: 'invalidBody' } });
  });
});
