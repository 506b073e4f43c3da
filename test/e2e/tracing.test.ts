import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GitServer } from '../support/git-server.js';
import type { Body } from '../support/http-client.js';
import { type Pkgserver, startPkgserver } from '../support/pkgserver.js';
import { configMap, Steps } from '../support/steps.js';

let git: GitServer;
let pkgserver: Pkgserver;
let steps: Steps;
let repositoryId: string;
/** The package "web": v1, then v2, which was deleted; the moment before that. */
let web: { id: string; v1: Body; v2: Body; before: string };

const items = async (path: string): Promise<Body[]> => (await steps.expect(200, 'GET', path)).body.items as Body[];

beforeAll(async () => {
  git = await GitServer.start();
  pkgserver = await startPkgserver();
  steps = new Steps(pkgserver.url);
  const { url } = await git.createRepository('blueprints');
  repositoryId = await steps.register({ name: 'blueprints', url });
  const first = await steps.draft(repositoryId, 'web');
  await steps.publish(first);
  const second = await steps.copy(repositoryId, first, 'second');
  await steps.edit(second, { 'config.yaml': configMap('web', 'second') });
  await steps.publish(second);
  const [v1, v2] = [await steps.revision(first), await steps.revision(second)];
  const before = new Date().toISOString();
  const reason = { comment: 'It does not start.', head: 'restore' };
  await steps.expect(200, 'POST', `/package-revisions/${second}/propose-deletion`, reason);
  const { body } = await steps.expect(202, 'DELETE', `/package-revisions/${second}`, undefined, { 'If-Match': '*' });
  await steps.finished(body.id as string);
  web = { id: v1.packageId, v1, v2, before };
}, 120_000);
afterAll(async () => {
  await pkgserver?.stop();
  await git?.stop();
});

describe('what was published at a moment', () => {
  it('is listed as it was then, with what was deleted since', async () => {
    const now = await items(`/package-revisions?repositoryId=${repositoryId}`);
    expect(now.map(({ id, latest }) => [id, latest])).toEqual([[web.v1.id, true]]);
    const then = await items(`/package-revisions?repositoryId=${repositoryId}&asOf=${web.before}&sort=name`);
    expect(then.map(({ revision, latest }) => [revision, latest])).toEqual([
      ['v1', false],
      ['v2', true],
    ]);
    const [stayed, gone] = then;
    expect(stayed).toMatchObject({ id: web.v1.id, etag: now[0]?.etag });
    expect(stayed).not.toHaveProperty('deletedAt');
    const { name, tree, tag, fileCount, publishedBy } = web.v2;
    expect(gone).toMatchObject({ id: web.v2.id, name, tree, tag, fileCount, publishedBy, allowedActions: [] });
    expect(gone).toMatchObject({ deletedBy: 'anonymous', deletedAt: expect.any(String) });
    await steps.expect(404, 'GET', `/package-revisions/${web.v2.id}`);
    expect(await items(`/packages?asOf=${web.before}`)).toMatchObject([
      { id: web.id, latestRevision: { id: web.v2.id, revision: 'v2' }, revisionCount: 2 },
    ]);
    expect(await items('/packages?asOf=2020-01-01T00:00:00Z')).toEqual([]);
  });

  it.each(['/packages', '/package-revisions'])('%s refuses a time that is none', async (list) => {
    for (const time of ['yesterday', '2026-02-30T00:00:00Z', '2026-01-01', '']) {
      const { body } = await steps.expect(400, 'GET', `${list}?asOf=${time}`);
      expect(body).toMatchObject({ code: 'invalidQuery', errors: [{ pointer: 'asOf' }] });
    }
  });
});
