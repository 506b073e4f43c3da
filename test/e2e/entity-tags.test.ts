import { expect, it } from 'vitest';
import { RevisionApi } from '../support/revision-api.js';

const world = RevisionApi.create();
const { call } = world;

/** Makes one resource of the noun and gives its path. */
async function made(collection: string, body: object): Promise<string> {
  const answer = await call('POST', collection, body);
  expect(answer.status, answer.text).toBe(201);
  return `${collection}/${answer.body.id}`;
}

const READ: [string, () => Promise<string>][] = [
  ['a repository', async () => `/repositories/${world.repository.id}`],
  ['a credential', () => made('/credentials', { type: 'token', name: 'bot', token: 'tok_1' })],
  ['an API token', () => made('/api-tokens', { description: 'A scan.' })],
  ['a role binding', () => made('/role-bindings', { role: 'viewer', subject: { type: 'user', name: 'ada' } })],
  ['a package', async () => `/packages/${world.draft.packageId}`],
  ['a package revision', async () => world.revision],
  ['its content', async () => world.resources],
  ['its files', async () => `${world.revision}/files`],
  ['one file of it', async () => `${world.revision}/files/content?path=Kptfile`],
  ['its archive', async () => `${world.revision}/files/archive`],
  ['its objects', async () => `${world.revision}/objects`],
];

it.each(READ)('%s has an entity tag, and is not sent again to who has it', async (_what, prepare) => {
  const path = await prepare();
  const read = await call('GET', path);
  expect(read.status).toBe(200);
  const etag = read.headers.get('etag') ?? '';
  expect(etag).toMatch(/^"[^"]+"$/);
  const again = await call('GET', path, undefined, { 'If-None-Match': etag });
  expect([again.status, again.text, again.headers.get('etag')]).toEqual([304, '', etag]);
  expect((await call('GET', path, undefined, { 'If-None-Match': '"other"' })).status).toBe(200);
});
