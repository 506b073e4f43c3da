import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Prisma } from '../../src/database/generated/client.js';
import { GitServer } from '../support/git-server.js';
import { GitFixture } from '../support/git-fixture.js';
import type { Body } from '../support/http-client.js';
import { type Pkgserver, startPkgserver } from '../support/pkgserver.js';
import { configMap, Steps } from '../support/steps.js';

let git: GitServer;
let pkgserver: Pkgserver;
let steps: Steps;
let remote: GitFixture;
let repositoryId: string;
/** The package "web": v1, then v2, which was deleted; the moment before that. */
let web: { id: string; v1: Body; v2: Body; before: string };

const items = async (path: string): Promise<Body[]> => (await steps.expect(200, 'GET', path)).body.items as Body[];

beforeAll(async () => {
  git = await GitServer.start();
  pkgserver = await startPkgserver();
  steps = new Steps(pkgserver.url);
  const { url, path } = await git.createRepository('blueprints');
  remote = GitFixture.create(path);
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
    const first = await items(`/package-revisions?repositoryId=${repositoryId}&asOf=${web.v1.publishedAt as string}`);
    expect(first.map(({ revision, latest }) => [revision, latest])).toEqual([['v1', true]]);
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

describe("a package's history", () => {
  const history = (query = '') => items(`/packages/${web.id}/history${query}`);
  const told = (entries: readonly Body[]) =>
    entries.map(({ event, revision, by }) => [event, revision, by].filter((part) => part !== null).join(' '));
  /** What the visit that answers a sync records beside it may come a moment later. */
  const until = async (holds: (entries: Body[]) => boolean): Promise<Body[]> => {
    for (let waited = 0; ; waited += 50) {
      const entries = await history();
      if (holds(entries) || waited > 10_000) return entries;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };

  const oneByOne = async (): Promise<Body[]> => {
    const seen: Body[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const query: string = `?pageSize=1${cursor && `&cursor=${cursor}`}`;
      const { body } = await steps.expect(200, 'GET', `/packages/${web.id}/history${query}`);
      seen.push(...(body.items as Body[]));
      cursor = body.nextCursor as string | null;
    }
    return seen;
  };

  it('tells all that happened to it, newest first, page by page', async () => {
    const person = { name: 'Henk', email: 'henk@example.com' };
    const files = { 'web/config.yaml': configMap('web', 'by hand') };
    const commit = await remote.commit({
      files,
      author: person,
      date: Math.floor(Date.now() / 1000) + 1,
      message: 'More replicas\n\nReally.\n',
    });
    await steps.expect(200, 'POST', `/repositories/${repositoryId}/sync`, undefined, { Prefer: 'wait=30' });
    const entries = await until((found) => found.length >= 12);
    const seconds = entries.map(({ time }) => Math.floor(Date.parse(String(time)) / 1000));
    expect(seconds).toEqual(seconds.toSorted((a, b) => b - a));
    // All of this was within a few seconds.
    expect(told(entries).sort()).toEqual(
      [
        'committed Henk',
        'deleted v2 anonymous',
        'committed anonymous',
        'deletionProposed anonymous',
        'published v2 anonymous',
        'approved anonymous',
        'proposed anonymous',
        'drafted anonymous',
        'published v1 anonymous',
        'approved v1 anonymous',
        'proposed v1 anonymous',
        'drafted v1 anonymous',
      ].sort(),
    );
    const [byHand] = entries;
    const [deleted, published] = ['deleted', 'published'].map((event) =>
      entries.find((entry) => entry.event === event),
    );
    expect(byHand).toMatchObject({
      ...{ commit: { oid: commit, author: 'Henk <henk@example.com>', subject: 'More replicas', lostAt: null } },
      ...{ treeBefore: web.v1.tree, tree: await remote.revParse('main:web'), revisionId: null, approvedBy: [] },
    });
    expect(deleted).toMatchObject({
      ...{ comment: 'It does not start.', revisionId: web.v2.id, treeBefore: web.v2.tree, tree: null },
      commit: { oid: web.v2.commit },
    });
    expect(published).toMatchObject({
      ...{
        time: web.v2.publishedAt,
        revisionId: web.v2.id,
        approvedBy: ['anonymous'],
        treeBefore: web.v1.tree,
        tree: web.v2.tree,
      },
      commit: { oid: web.v2.commit, subject: expect.any(String) },
    });
    expect(await oneByOne()).toEqual(entries);
    expect(await history('?sort=time')).toEqual(entries.toReversed());
    await steps.expect(400, 'GET', `/packages/${web.id}/history?cursor=bogus`);
    await steps.expect(404, 'GET', '/packages/0199a0de-7a3e-7cc1-a6a5-58d3d44e5a0c/history');
  });

  it('tells each once also where a version was published and deleted within one moment', async () => {
    const all = await history();
    const published = Prisma.sql`("row" ->> 'published_at')::timestamptz`;
    await pkgserver.database.client.$executeRaw`UPDATE deleted_revision SET deleted_at = ${published}`;
    const entries = await oneByOne();
    expect(entries).toEqual(await history());
    expect(told(entries).sort()).toEqual(told(all).sort());
  });

  it('marks what was taken off the ref', async () => {
    await remote.branch('main', 'main~1');
    await steps.expect(200, 'POST', `/repositories/${repositoryId}/sync`, undefined, { Prefer: 'wait=30' });
    const [byHand] = await until(([newest]) => (newest?.commit as Body | undefined)?.lostAt !== null);
    expect(byHand).toMatchObject({ event: 'committed', by: 'Henk', commit: { lostAt: expect.any(String) } });
  });

  it('names upstream and approvers, what was said, whose glass was broken, and tags that were moved', async () => {
    const clone = { type: 'clone', upstream: { revisionId: web.v1.id } };
    const created = { repositoryId, package: 'shop', workspace: 'first', source: clone };
    const { body: shop } = await steps.expect(201, 'POST', '/package-revisions', created);
    const act = (name: string, body?: object) =>
      steps.expect(200, 'POST', `/package-revisions/${shop.id}/${name}`, body);
    await act('propose');
    await act('reject', { comment: 'Too few.' });
    await act('propose');
    await act('withdraw');
    await act('propose');
    const glass = { breakGlass: { reason: 'Outage 4711' } };
    const any = { 'If-Match': '*' };
    const { body } = await steps.expect(202, 'POST', `/package-revisions/${shop.id}/approve`, glass, any);
    await steps.finished(body.id as string);
    await remote.moveTag('shop/v1', await remote.commit({ files: { 'shop/a.yaml': 'a: 1\n' } }));
    await steps.expect(200, 'POST', `/repositories/${repositoryId}/sync`, undefined, { Prefer: 'wait=30' });
    const entries = await items(`/packages/${shop.packageId}/history?pageSize=100`);
    const events = entries.map(({ event, comment }) => [event, comment].filter((part) => part !== null).join(': '));
    expect(new Set(events)).toEqual(
      new Set([
        ...['drafted', 'proposed', 'rejected: Too few.', 'withdrawn', 'approved: Break-glass: Outage 4711'],
        ...['glassBroken: Outage 4711', 'tagMoved', 'committed', 'published: Outage 4711'],
      ]),
    );
    const published = entries.find(({ event, upstream }) => event === 'published' && upstream !== null);
    expect(published).toMatchObject({
      approvedBy: ['anonymous'],
      upstream: { revisionId: web.v1.id, commit: web.v1.commit, tree: web.v1.tree },
    });
  });

  it('is there still when the package is gone', async () => {
    const proposal = `/package-revisions/${web.v1.id}/propose-deletion?force=true`;
    await steps.expect(200, 'POST', proposal, {});
    const { body } = await steps.expect(202, 'DELETE', `/package-revisions/${web.v1.id}`, undefined, {
      'If-Match': '*',
    });
    await steps.finished(body.id as string);
    await steps.expect(404, 'GET', `/packages/${web.id}`);
    expect(told(await history()).filter((entry) => entry.startsWith('deleted'))).toEqual([
      'deleted v1 anonymous',
      'deleted v2 anonymous',
    ]);
  });
});
