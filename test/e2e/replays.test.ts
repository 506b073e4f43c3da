import { expect, it } from 'vitest';
import { RevisionApi } from '../support/revision-api.js';

const world = RevisionApi.create();
const { call } = world;

const ANY = { 'If-Match': '*' };
const become = (lifecycle: 'published' | 'deletionProposed') =>
  world.api.database.client.packageRevision.update({
    where: { id: world.draft.id },
    data: { lifecycle, revision: 'v1', tag: 'refs/tags/x/v1', commit: '1'.repeat(40) },
  });
const noWork = () => world.api.database.client.operation.deleteMany({ where: { revisionId: world.draft.id } });

interface Post {
  path: () => string;
  body?: () => object;
  before?: () => Promise<unknown>;
}

const POSTS: [string, Post][] = [
  ['creating a package revision', { path: () => '/package-revisions', body: () => world.creation() }],
  ['creating a role binding', { path: () => '/role-bindings', body: () => ({ role: 'auditor', subject: SUBJECT }) }],
  ['a sync', { path: () => `/repositories/${world.repository.id}/sync` }],
  ['a proposal', { path: () => `${world.revision}/propose` }],
  ['a rejection', { path: () => `${world.revision}/reject`, before: () => call('POST', `${world.revision}/propose`) }],
  ['an approval', { path: () => `${world.revision}/approve`, before: () => call('POST', `${world.revision}/propose`) }],
  [
    'the proposal of a deletion',
    { path: () => `${world.revision}/propose-deletion`, before: () => noWork().then(() => become('published')) },
  ],
  [
    'the rejection of a deletion',
    { path: () => `${world.revision}/reject-deletion`, before: () => noWork().then(() => become('deletionProposed')) },
  ],
];

const SUBJECT = { type: 'group', name: 'team-edge' };
let sequence = 0;

it.each(POSTS)('%s is done once, and its answer is given again', async (_what, { path, body, before }) => {
  await before?.();
  sequence += 1;
  const headers = { ...ANY, 'Idempotency-Key': `replay-${sequence}` };
  const request = body?.();
  const first = await call('POST', path(), request, headers);
  expect(first.status, first.text).toBeLessThan(300);
  const again = await call('POST', path(), request, headers);
  expect([again.status, again.body]).toEqual([first.status, first.body]);
  expect([first, again].map((answer) => answer.headers.get('idempotency-replayed'))).toEqual([null, 'true']);
});
