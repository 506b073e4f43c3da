import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GitFixture } from '../support/git-fixture.js';
import { GitServer } from '../support/git-server.js';
import type { Body } from '../support/http-client.js';
import { type Pkgserver, startPkgserver } from '../support/pkgserver.js';
import { type GivenRole, signIn } from '../support/sign-in.js';
import { Steps } from '../support/steps.js';

let git: GitServer;
let pkgserver: Pkgserver;
let root: Steps;
let catalog: string;
let fleet: string;
let fleetGit: GitFixture;
let catalogGit: GitFixture;

beforeAll(async () => {
  git = await GitServer.start();
  pkgserver = await startPkgserver({
    ...{ AUTH: 'required', SYNC_INTERVAL_SECONDS: '3600' },
    ...{ MAX_PACKAGE_BYTES: '400000', MAX_FILE_BYTES: '300000' },
  });
  root = await person('root', { role: 'admin' });
  const blueprints = await git.createRepository('blueprints');
  const deployments = await git.createRepository('fleet');
  fleetGit = GitFixture.create(deployments.path);
  catalogGit = GitFixture.create(blueprints.path);
  catalog = await root.register({ name: 'blueprints', url: blueprints.url });
  fleet = await root.register({ name: 'fleet', url: deployments.url });
}, 120_000);
afterAll(async () => {
  git?.onRequest(null);
  await pkgserver?.stop();
  await git?.stop();
});

async function person(name: string, ...roles: GivenRole[]): Promise<Steps> {
  return new Steps(pkgserver.url, { Authorization: `Bearer ${await signIn(pkgserver.database, name, ...roles)}` });
}

const config = (name: string, values: Record<string, string>): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n${Object.entries(values)
    .map(([key, value]) => `  ${key}: "${value}" # of ${key}\n`)
    .join('')}`;

/** Publishes a version of a blueprint with one ConfigMap. */
async function blueprint(name: string, values: Record<string, string>, from?: string): Promise<string> {
  const source = from === undefined ? { type: 'init' } : { type: 'copy', revisionId: from };
  const body = {
    repositoryId: catalog,
    package: name,
    workspace: `w${Math.random().toString(36).slice(2, 8)}`,
    source,
  };
  const { body: created } = await root.expect(201, 'POST', '/package-revisions', body);
  await root.edit(created.id as string, { 'config.yaml': config(name, values) });
  await root.publish(created.id as string);
  return created.id as string;
}

async function composed(name: string, parts: Record<string, string>): Promise<string> {
  const body = { repositoryId: fleet, package: name, workspace: 'first', source: { type: 'init' } };
  const { body: draft } = await root.expect(201, 'POST', '/package-revisions', body);
  for (const [path, revisionId] of Object.entries(parts)) await add(draft.id as string, path, { revisionId });
  return draft.id as string;
}

const add = async (id: string, path: string, upstream: object, status = 200): Promise<Body> =>
  (await root.expect(status, 'POST', `/package-revisions/${id}/subpackages`, { path, upstream }, { 'If-Match': '*' }))
    .body;
const read = async (id: string): Promise<Body> => (await root.expect(200, 'GET', `/package-revisions/${id}`)).body;
const upstreamsOf = (body: Body) => body.upstreams as Body[];
const states = (body: Body): [string, string][] =>
  upstreamsOf(body).map(({ path, upstreamStatus }) => [path as string, (upstreamStatus as { state: string }).state]);
const fileOf = async (id: string, path: string): Promise<string> => {
  const { body } = await root.expect(200, 'GET', `/package-revisions/${id}/resources`);
  return body.files[path]?.content as string;
};
const preview = (id: string, request: object, status = 201) =>
  root.expect(status, 'POST', `/package-revisions/${id}/upgrade-previews`, { to: 'newest', ...request });
const apply = (shown: Body, body: object = {}, status = 201) =>
  root.expect(status, 'POST', `/upgrade-previews/${shown.id}/apply`, body, { 'If-Match': shown.etag });

describe('a package that is composed of others', () => {
  let parts: Record<'web' | 'db' | 'cache', string>;
  let newer: Record<'web' | 'db', string>;
  let id: string;

  beforeAll(async () => {
    parts = {
      web: await blueprint('web', { port: '80', level: 'info' }),
      db: await blueprint('db', { size: '1Gi' }),
      cache: await blueprint('cache', { keys: '100' }),
    };
    id = await composed('shop', { web: parts.web, 'data/db': parts.db, 'data/cache': parts.cache });
  }, 120_000);

  it('holds each as a clone has it, and says where each is from', async () => {
    const body = await read(id);
    expect(states(body)).toEqual([
      ['data/cache', 'upToDate'],
      ['data/db', 'upToDate'],
      ['web', 'upToDate'],
    ]);
    expect(upstreamsOf(body)[2]).toMatchObject({
      ...{ directory: 'web', ref: 'web/v1', commit: expect.stringMatching(/^[0-9a-f]{40}$/) as string },
      upstreamStatus: { current: { revisionId: parts.web, revision: 'v1' } },
    });
    expect(body.upstreamStatus).toMatchObject({ state: 'none' });
    expect(await fileOf(id, 'data/db/config.yaml')).toBe(config('db', { size: '1Gi' }));
    expect(await fileOf(id, 'data/db/Kptfile')).toMatch(/name: db\n[^]*ref: db\/v1\n[^]*commit: "?[0-9a-f]{40}"?\n/);
  });

  it('is behind in those of which there is a newer version, and counts for them', async () => {
    await root.edit(id, { 'web/config.yaml': config('web', { port: '8080', level: 'info' }) });
    newer = {
      web: await blueprint('web', { port: '80', level: 'debug' }, parts.web),
      db: await blueprint('db', { size: '2Gi' }, parts.db),
    };
    expect(states(await read(id))).toEqual([
      ['data/cache', 'upToDate'],
      ['data/db', 'behind'],
      ['web', 'behind'],
    ]);
    const names = async (query: string) =>
      (await root.expect(200, 'GET', `/package-revisions?${query}`)).body.items.map((item: Body) => item.package);
    const { packageId } = await read(parts.web);
    expect(await names(`upstreamPackageId=${packageId}`)).toEqual(['shop']);
    const { body } = await root.expect(200, 'GET', `/package-revisions/${parts.web}/impact`);
    expect(body.items.map((item: Body) => [item.package, item.depth])).toEqual([['shop', 1]]);
  });

  it('is upgraded in one of them alone, in the draft itself, and only as it was previewed', async () => {
    const { body: shown } = await preview(id, { subpackage: 'web' });
    expect(shown).toMatchObject({
      ...{ subpackage: 'web', from: { ref: 'web/v1' }, to: { ref: 'web/v2', revisionId: newer.web } },
      summary: { conflicts: 0 },
    });
    const { body: list } = await root.expect(200, 'GET', `/upgrade-previews?packageRevisionId=${id}`);
    expect(list.items).toMatchObject([{ id: shown.id, subpackage: 'web' }]);
    const review = await root.call('GET', `/upgrade-previews/${shown.id}`, undefined, { Accept: 'text/markdown' });
    expect(review.text).toContain('## `shop/web`: `web/v1` → `web/v2`');
    expect(shown.taken.map(({ file, path }: Body) => [file, path])).toContainEqual(['config.yaml', 'data.level']);
    const before = await read(id);
    expect((await apply(shown, { workspace: 'other' }, 422)).body).toMatchObject({
      errors: [{ pointer: '/workspace' }],
    });
    const { body: draft } = await apply(shown);
    expect(draft).toMatchObject({ id, workspace: 'first', lifecycle: 'draft' });
    expect(draft.tree).not.toBe(before.tree);
    expect(draft.upstreams.map(({ path, ref }: Body) => [path, ref])).toEqual([
      ['data/cache', 'cache/v1'],
      ['data/db', 'db/v1'],
      ['web', 'web/v2'],
    ]);
    expect(await fileOf(id, 'web/config.yaml')).toBe(config('web', { port: '8080', level: 'debug' }));
    expect(await fileOf(id, 'web/Kptfile')).toMatch(/name: web\n[^]*ref: web\/v2\n/);
    expect(await fileOf(id, 'data/db/config.yaml')).toBe(config('db', { size: '1Gi' }));
    expect(states(await read(id))).toEqual([
      ['data/cache', 'upToDate'],
      ['data/db', 'behind'],
      ['web', 'upToDate'],
    ]);
    expect((await apply({ ...shown, etag: '*' }, {}, 409)).body).toMatchObject({ code: 'stateConflict', id });
  });

  it('keeps what somebody changed in it since the preview', async () => {
    const { body: shown } = await preview(id, { subpackage: 'data/db' });
    // Elsewhere in the draft is not in the way.
    await root.edit(id, { 'README.md': 'A shop.\n' });
    await root.edit(id, { 'data/db/config.yaml': config('db', { size: '5Gi' }) });
    expect((await apply(shown, {}, 409)).body).toMatchObject({ code: 'contentChanged' });
    expect(await fileOf(id, 'data/db/config.yaml')).toContain('5Gi');
    const { body: again } = await preview(id, { subpackage: 'data/db' });
    expect(again.conflicts).toMatchObject([{ file: 'config.yaml', path: 'data.size' }]);
    expect((await apply(again, {}, 409)).body).toMatchObject({ code: 'unresolvedConflicts' });
    const { body: settled } = await preview(id, { subpackage: 'data/db', defaultResolution: { all: 'theirs' } });
    await root.edit(id, { 'README.md': 'The shop.\n' });
    await apply(settled);
    expect(await fileOf(id, 'data/db/config.yaml')).toBe(config('db', { size: '2Gi' }));
    expect(await fileOf(id, 'README.md')).toBe('The shop.\n');
    expect(states(await read(id)).map(([, state]) => state)).toEqual(['upToDate', 'upToDate', 'upToDate']);
  });

  it('is published as one, and what it is made from is not deleted under it', async () => {
    await root.publish(id);
    const body = await read(id);
    expect(states(body)).toHaveLength(3);
    expect(await fleetGit.lsTree('main', 'shop/data/db')).toHaveLength(2);
    const refused = await root.expect(409, 'POST', `/package-revisions/${newer.web}/propose-deletion`, {});
    expect(refused.body).toMatchObject({ code: 'inUse', usedBy: [expect.stringContaining('shop') as string] });
    // A published revision changes in no part.
    expect((await preview(id, { subpackage: 'web' }, 409)).body).toMatchObject({ code: 'stateConflict' });
  });
});

describe('a subpackage', () => {
  let web: string;
  let draft: string;
  beforeAll(async () => {
    web = await blueprint('plain', { port: '80' });
    draft = await composed('one', { web });
  }, 60_000);

  it.each([
    ['a folder that is there', 'web', 409, 'nameConflict'],
    ['a folder in a file', 'Kptfile/web', 409, 'nameConflict'],
    ['a path that leaves the package', '../web', 422, 'invalidBody'],
    ['a folder of Git', '.git', 422, 'invalidBody'],
  ])('is not put into %s', async (_, path, status, code) => {
    const before = await read(draft);
    expect(await add(draft, path, { revisionId: web }, status)).toMatchObject({ code });
    expect((await read(draft)).tree).toBe(before.tree);
  });

  it('is not made from what is not there, not published, or not to be seen', async () => {
    const nothing = '01a22910-0000-7000-8000-000000000000';
    const errors = [{ pointer: '/upstream/revisionId', code: 'notFound' }];
    expect(await add(draft, 'next', { revisionId: nothing }, 422)).toMatchObject({ errors });
    expect(await add(draft, 'next', { revisionId: draft }, 409)).toMatchObject({ code: 'stateConflict' });
    const author = await person('author', { role: 'author', repositoryId: fleet });
    const request = { path: 'next', upstream: { revisionId: web } };
    const path = `/package-revisions/${draft}/subpackages`;
    const hidden = await author.expect(422, 'POST', path, request, { 'If-Match': '*' });
    expect(hidden.body).toMatchObject({ errors });
    const viewer = await person('viewer', { role: 'viewer' });
    await viewer.expect(403, 'POST', path, request, { 'If-Match': '*' });
    await root.expect(428, 'POST', path, request);
    await root.expect(412, 'POST', path, request, { 'If-Match': '"stale"' });
  });

  it('is put there once by a request that is repeated', async () => {
    const headers = { 'If-Match': '*', 'Idempotency-Key': 'put-once' };
    const request = { path: 'repeated', upstream: { revisionId: web } };
    const put = () => root.expect(200, 'POST', `/package-revisions/${draft}/subpackages`, request, headers);
    const first = await put();
    const again = await put();
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(again.body).toEqual(first.body);
    await root.edit(draft, { 'repeated/Kptfile': null, 'repeated/config.yaml': null });
  });

  it('is refused where the package, or what says where it is from, would be too large, or nothing says it', async () => {
    const commit = await catalogGit.commit({
      files: {
        'huge/Kptfile': `apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: huge\n# ${'x'.repeat(270_000)}\n`,
        'bare/config.yaml': config('bare', { a: 'b' }),
      },
    });
    await catalogGit.tagMany(['huge/v1'], commit);
    const discovery = { mode: 'krm' };
    await root.expect(200, 'PATCH', `/repositories/${catalog}`, { discovery }, { 'If-Match': '*' });
    const { body: sync } = await root.expect(202, 'POST', `/repositories/${catalog}/sync`);
    await root.finished(sync.id as string);
    const [huge] = (await root.expect(200, 'GET', '/package-revisions?package=huge')).body.items as Body[];
    const [bare] = (await root.expect(200, 'GET', '/packages?path=bare')).body.items as Body[];
    const before = await read(draft);
    expect(await add(draft, 'next', { revisionId: huge?.id }, 422)).toMatchObject({ code: 'kptfileTooLarge' });
    expect(await add(draft, 'next', { packageId: bare?.id }, 422)).toMatchObject({ code: 'invalidPackage' });
    expect((await read(draft)).tree).toBe(before.tree);

    const heavy = await blueprint('heavy', { text: 'x'.repeat(200_000) });
    const full = await composed('full', { heavy });
    await root.edit(full, { 'more.txt': 'x'.repeat(150_000) });
    expect(await add(full, 'next', { revisionId: heavy }, 413)).toMatchObject({ code: 'packageTooLarge' });
    await blueprint('heavy', { text: 'y'.repeat(290_000) }, heavy);
    const { body: shown } = await preview(full, { subpackage: 'heavy' });
    expect((await apply(shown, {}, 413)).body).toMatchObject({ code: 'packageTooLarge' });
  }, 60_000);

  it('stays as it is while its package is published', async () => {
    const quick = await composed('quick', { web });
    await blueprint('plain', { port: '8' }, web);
    const { body: shown } = await preview(quick, { subpackage: 'web' });
    await root.propose(quick);
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    git.onRequest(async ({ service, method, phase }) => {
      if (service === 'git-receive-pack' && method === 'POST' && phase === 'before') await released;
      return undefined;
    });
    const operation = await root.approve(quick);
    expect(await add(quick, 'next', { revisionId: web }, 409)).toMatchObject({ code: 'operationInProgress' });
    expect((await apply(shown, {}, 409)).body).toMatchObject({ code: 'operationInProgress' });
    release();
    git.onRequest(null);
    expect(await root.finished(operation)).toMatchObject({ state: 'succeeded' });
  }, 60_000);

  it('is shown without the versions of what its reader may not see', async () => {
    const viewer = await person('fleet-viewer', { role: 'viewer', repositoryId: fleet });
    const { body } = await viewer.expect(200, 'GET', `/package-revisions/${draft}`);
    expect(upstreamsOf(body)).toMatchObject([
      { path: 'web', upstreamStatus: { state: 'behind', behind: null, current: null, newest: null } },
    ]);
  });

  it('shows nothing of what a Kptfile names, and its reader may not see', async () => {
    const { url } = await git.createRepository('others');
    const others = await root.register({ name: 'others', url });
    const body = { repositoryId: others, package: 'open', workspace: 'first', source: { type: 'init' } };
    const { body: open } = await root.expect(201, 'POST', '/package-revisions', body);
    await root.edit(open.id as string, { 'config.yaml': config('plain', { port: '90' }) });
    await root.publish(open.id as string);
    const roles = [fleet, others].map((repositoryId) => ({ role: 'author' as const, repositoryId }));
    const author = await person('curious', ...roles);
    await root.edit(draft, { 'web/config.yaml': config('plain', { port: '1' }) });
    const request = { to: { revisionId: open.id }, subpackage: 'web', allowOtherPackage: true };
    const { text } = await author.expect(409, 'POST', `/package-revisions/${draft}/upgrade-previews`, request);
    expect(text).toContain('baseGone');
    expect((await preview(draft, request)).body.conflicts).toMatchObject([{ base: { value: '80' } }]);
  });

  it('is one that was made by hand as well, and keeps the name that it has', async () => {
    const byHand = (await fileOf(draft, 'web/Kptfile')).replace('name: web', 'name: other');
    const bare = byHand.replace(/upstream[^]*/, '');
    await root.edit(draft, { 'other/Kptfile': byHand, 'bare/Kptfile': bare });
    expect(states(await read(draft)).map(([path]) => path)).toEqual(['other', 'web']);
    const { body: shown } = await preview(draft, { subpackage: 'other', defaultResolution: { all: 'ours' } });
    await apply(shown);
    expect(await fileOf(draft, 'other/Kptfile')).toMatch(/name: other\n[^]*ref: plain\/v2\n/);
    expect((await preview(draft, { subpackage: 'bare' }, 409)).body).toMatchObject({ code: 'stateConflict' });
  });

  it('is known by an index that was made from Git alone', async () => {
    const other = await startPkgserver({ SYNC_INTERVAL_SECONDS: '3600' });
    try {
      const steps = new Steps(other.url);
      for (const name of ['fleet', 'blueprints']) {
        const { body } = await root.expect(200, 'GET', `/repositories/${name === 'fleet' ? fleet : catalog}`);
        await steps.register({ name, url: body.git.url as string });
      }
      const { body } = await steps.expect(200, 'GET', '/package-revisions?package=shop');
      const { body: shop } = await steps.expect(200, 'GET', `/package-revisions/${body.items[0].id}`);
      const [shown] = (await root.expect(200, 'GET', '/package-revisions?package=shop')).body.items as Body[];
      const before = await read(shown?.id as string);
      expect(states(shop)).toEqual(states(before));
      expect(states(shop)).toHaveLength(3);
    } finally {
      await other.stop();
    }
  }, 60_000);
});
