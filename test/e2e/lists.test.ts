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
