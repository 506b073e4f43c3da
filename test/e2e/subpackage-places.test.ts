import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { uuidv7 } from '../../src/domain/uuid.js';
import { GitFixture } from '../support/git-fixture.js';
import { GitServer } from '../support/git-server.js';
import type { Answer, Body } from '../support/http-client.js';
import { type Pkgserver, startPkgserver } from '../support/pkgserver.js';
import { type GivenRole, signIn } from '../support/sign-in.js';
import { configMap, Steps } from '../support/steps.js';

const KPTFILE = 'apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: core\n';
const WAIT = { Prefer: 'wait=30' };

let git: GitServer;
let pkgserver: Pkgserver;
let admin: Steps;
let fleetId: string;
let fleet: GitFixture;
let place: { url: string; fixture: GitFixture };
let count = 0;

const as = async (...roles: GivenRole[]): Promise<Steps> => {
  const token = await signIn(pkgserver.database, `u-${uuidv7()}`, ...roles);
  return new Steps(pkgserver.url, { Authorization: `Bearer ${token}` });
};

/** A remote with a package at two versions. */
async function remote(name: string): Promise<{ url: string; fixture: GitFixture }> {
  const { url, path } = await git.createRepository(name);
  const fixture = GitFixture.create(path);
  for (const version of ['v1', 'v2']) {
    const files = { 'nf/core/Kptfile': KPTFILE, 'nf/core/a.yaml': configMap('a', version), 'docs/a.md': 'x' };
    await fixture.commit({ files });
    await fixture.tag(`nf/core/${version}`);
  }
  return { url, fixture };
}

beforeAll(async () => {
  git = await GitServer.start();
  pkgserver = await startPkgserver({
    ...{ AUTH: 'required', SYNC_INTERVAL_SECONDS: '3600', MAX_PACKAGE_BYTES: '100000' },
  });
  admin = await as({ role: 'admin' });
  const own = await git.createRepository('fleet');
  fleet = GitFixture.create(own.path);
  fleetId = await admin.register({ name: 'fleet', url: own.url });
  place = await remote('place');
}, 120_000);
afterEach(() => git?.onRequest(null));
afterAll(async () => {
  await pkgserver?.stop();
  await git?.stop();
});

const draft = (): Promise<string> => admin.draft(fleetId, `p${(count += 1)}`);
const at = (more: object = {}) => ({ url: place.url, ref: 'v1', directory: 'nf/core', ...more });
interface Asked {
  git?: object;
  path?: string;
  steps?: Steps;
  query?: string;
  headers?: Record<string, string>;
}
const add = (
  id: string,
  { git: named = at(), path = 'parts/core', steps = admin, query = '', headers = WAIT }: Asked = {},
) => {
  const url = `/package-revisions/${id}/subpackages${query}`;
  return steps.call('POST', url, { path, upstream: { git: named } }, { 'If-Match': '*', ...headers });
};
/** Resolves once `work` was done while a worker waits for the place's refs. */
const whileRead = (work: () => Promise<unknown>): Promise<void> =>
  new Promise((resolve, reject) => {
    git.onRequest(async ({ repository, phase }) => {
      if (repository !== 'place' || phase !== 'before') return undefined;
      git.onRequest(null);
      await work().then(() => resolve(), reject);
      return undefined;
    });
  });
const pointers = (body: Body) => body.errors?.map(({ pointer, code }) => `${pointer} ${code}`);
const operations = (id: string) =>
  pkgserver.database.client.operation.findMany({ where: { kind: 'clone', target: { path: ['id'], equals: id } } });
const treeOf = async (id: string) => (await admin.revision(id)).tree as string;
const filesOf = async (id: string): Promise<Record<string, Body>> =>
  (await admin.expect(200, 'GET', `/package-revisions/${id}/resources`)).body.files;

describe('a subpackage from a place in Git that nobody has registered', () => {
  it('is an operation whose result is the changed draft, pinned by commit', async () => {
    const id = await draft();
    const before = await treeOf(id);
    const asked = await add(id, { headers: {} });
    expect(asked).toMatchObject({
      status: 202,
      body: { kind: 'clone', repositoryId: fleetId, target: { type: 'PackageRevision', id } },
    });
    const { state, result } = await admin.finished(asked.body.id as string);
    expect([state, result]).toEqual(['succeeded', { resource: { type: 'PackageRevision', id } }]);
    const commit = await place.fixture.revParse('nf/core/v1^{commit}');
    const changed = await admin.revision(id);
    expect(changed.upstreams).toMatchObject([
      { path: 'parts/core', url: place.url, directory: 'nf/core', ref: 'nf/core/v1', commit },
    ]);
    expect(changed.upstreams[0].upstreamStatus.state).toBe('unknown');
    const files = await filesOf(id);
    expect(files['parts/core/a.yaml']?.content).toBe(configMap('a', 'v1'));
    expect(files['parts/core/Kptfile']?.content).toContain(`    commit: ${commit}`);
    expect(files['config.yaml']).toBeDefined();
    await admin.pushed(id);
    expect(await fleet.lsTree(`drafts/${changed.path}/first`, `${changed.path}/parts/core`)).toHaveLength(2);
    const entries = await pkgserver.database.client.auditEntry.findMany({
      where: { resourceId: id, operationId: asked.body.id as string },
      orderBy: { id: 'asc' },
    });
    expect(entries).toMatchObject([
      { action: 'addSubpackage', before, after: before },
      { action: 'packageRevision.cloned', before, after: changed.tree, path: changed.path },
    ]);
  });

  it('is answered with the draft where its caller waits, and is upgraded once the place is registered', async () => {
    const later = await remote('later');
    const id = await draft();
    const { status, body } = await add(id, { git: at({ url: later.url }) });
    expect([status, body.id, body.lifecycle]).toEqual([200, id, 'draft']);
    await admin.register({ name: 'later', url: later.url });
    const request = { to: 'newest', subpackage: 'parts/core' };
    const { body: shown } = await admin.expect(201, 'POST', `/package-revisions/${id}/upgrade-previews`, request);
    await admin.expect(201, 'POST', `/upgrade-previews/${shown.id}/apply`, {}, { 'If-Match': shown.etag });
    expect((await filesOf(id))['parts/core/a.yaml']?.content).toBe(configMap('a', 'v2'));
  });

  it('signs in by the credential that is named, which its caller may use', async () => {
    const { fixture, url } = await remote('closed');
    await fixture.check();
    git.requireBasic('closed', 'bot', 'secret');
    const credential = { name: 'bot', type: 'basic', username: 'bot', password: 'secret', hosts: [new URL(url).host] };
    const { body: made } = await admin.expect(201, 'POST', '/credentials', credential);
    const id = await draft();
    expect(await add(id, { git: at({ url }) })).toMatchObject({ status: 502, body: { code: 'remoteAuthFailed' } });
    const signedIn = at({ url, credentialId: made.id as string });
    const author = await as({ role: 'author', repositoryId: fleetId });
    const missing = ['/upstream/git/credentialId notFound'];
    expect(pointers((await add(id, { git: signedIn, steps: author })).body)).toEqual(missing);
    expect((await add(id, { git: signedIn })).status).toBe(200);
  });

  it('is filled once by a request that is repeated', async () => {
    const id = await draft();
    const headers = { 'Idempotency-Key': uuidv7() };
    const [first, again] = [await add(id, { headers }), await add(id, { headers })];
    expect([first.status, again.status, again.body]).toEqual([202, 202, first.body]);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(await admin.finished(first.body.id as string)).toMatchObject({ state: 'succeeded' });
    expect(await operations(id)).toHaveLength(1);
  });

  it('is judged by a dry run, which asks no remote and leaves nothing', async () => {
    const id = await draft();
    const before = await treeOf(id);
    const { status, headers, body } = await add(id, { query: '?dryRun=true' });
    expect([status, headers.get('dry-run-operation'), body.tree]).toEqual([200, 'clone', before]);
    expect((await add(id, { query: '?dryRun=true', path: 'config.yaml' })).status).toBe(409);
    expect([await operations(id), await treeOf(id)]).toEqual([[], before]);
  });

  it('is taken from the index at once where its place is registered and may be seen', async () => {
    const known = await remote('known');
    await admin.register({ name: 'known', url: known.url });
    const id = await draft();
    for (const [path, ref] of Object.entries({ tag: 'v1', branch: 'main' })) {
      expect((await add(id, { path, git: at({ url: known.url, ref }), headers: {} })).status).toBe(200);
    }
    const { upstreams } = await admin.revision(id);
    expect(upstreams.map((each: Body) => [each.path, each.ref])).toEqual([
      ['branch', 'main'],
      ['tag', 'nf/core/v1'],
    ]);
    expect(await operations(id)).toEqual([]);
  });

  it('is read in Git where its caller may not see the repository, as if nobody had registered it', async () => {
    const [hidden, stranger] = [await remote('hidden'), await remote('stranger')];
    await admin.register({ name: 'hidden', url: hidden.url });
    const author = await as({ role: 'author', repositoryId: fleetId });
    const answers = async ({ url }: { url: string }) => {
      const id = await draft();
      const asked = await add(id, { path: 'a', git: at({ url }), steps: author, headers: {} });
      const missing = await add(id, { path: 'b', git: at({ url, ref: 'v9' }), steps: author });
      const made = await add(id, { path: 'c', git: at({ url }), steps: author });
      const { code, detail } = missing.body;
      return [asked.status, missing.status, code, detail.replace(url, 'URL'), made.status];
    };
    const ofHidden = await answers(hidden);
    expect(ofHidden).toEqual(await answers(stranger));
    expect(ofHidden).toMatchObject([202, 422, 'remoteRefNotFound', expect.anything(), 200]);
  });
});

describe('a subpackage from a place in Git that cannot be', () => {
  it.each([
    ['a host that is not public', { url: 'https://10.0.0.1/x.git' }, 422, 'hostRefused'],
    ['no URL of Git', { url: 'file:///etc' }, 422, 'invalidUrl'],
    ['a directory that leads out', { directory: '../x' }, 422, 'invalidPath'],
    ['no name of a ref', { ref: 'a..b' }, 422, 'invalidName'],
    ['a ref that is not there', { ref: 'v9' }, 422, 'remoteRefNotFound'],
    ['a directory that is not there', { ref: 'main', directory: 'nf/none' }, 422, 'invalidPackage'],
    ['a directory that is no package', { ref: 'main', directory: 'docs' }, 422, 'invalidPackage'],
    ['a package without a Kptfile', { ref: 'bare', directory: 'bare' }, 422, 'invalidPackage'],
    ['more than the draft may hold', { ref: 'bare', directory: 'half' }, 413, 'packageTooLarge'],
  ])('leaves the draft as it is: %s', async (what, more, status, code) => {
    if (what === 'a package without a Kptfile') {
      const half = `${configMap('a', 'half')}# ${'x'.repeat(60_000)}\n`;
      const files = { 'bare/a.yaml': configMap('a', 'a'), 'half/Kptfile': KPTFILE, 'half/a.yaml': half };
      await place.fixture.commit({ branch: 'bare', files });
    }
    const id = await draft();
    if (what === 'more than the draft may hold') await admin.edit(id, { 'more.txt': 'x'.repeat(60_000) });
    const before = await treeOf(id);
    const { status: found, body } = await add(id, { git: at(more) });
    expect([found, body.code]).toEqual([status, code]);
    if (found === 422 && body.errors) expect(pointers(body)).toEqual([`/upstream/git/${Object.keys(more)[0]} ${code}`]);
    expect(await treeOf(id)).toBe(before);
  });

  it('is refused at once where the draft cannot take it, and no remote is asked', async () => {
    const id = await draft();
    let asked = 0;
    git.onRequest(async ({ repository }) => {
      if (repository === 'place') asked += 1;
      return undefined;
    });
    expect(await add(id, { path: 'config.yaml' })).toMatchObject({ status: 409, body: { code: 'nameConflict' } });
    expect(pointers((await add(id, { path: '../x' })).body)).toEqual(['/path invalidPath']);
    expect((await add(id, { headers: { 'If-Match': '"stale"' } })).status).toBe(412);
    expect((await add(uuidv7())).status).toBe(404);
    expect((await add(id, { steps: await as({ role: 'viewer' }) })).status).toBe(403);
    await admin.publish(id);
    expect(await add(id)).toMatchObject({ status: 409, body: { code: 'stateConflict' } });
    expect([asked, await operations(id)]).toEqual([0, []]);
  });

  const MEANWHILE: [string, string, (id: string) => Promise<unknown>, string][] = [
    ['edited since it was seen', 'seen', (id) => admin.edit(id, { 'b.txt': 'of others' }), 'preconditionFailed'],
    ['given that folder', '*', (id) => admin.edit(id, { 'parts/core/b.txt': 'of others' }), 'nameConflict'],
    ['proposed', '*', (id) => admin.propose(id), 'stateConflict'],
    [
      'deleted',
      '*',
      (id) => admin.expect(204, 'DELETE', `/package-revisions/${id}`, undefined, { 'If-Match': '*' }),
      'notFound',
    ],
  ];
  it.each(MEANWHILE)('overwrites nothing where the draft was %s while it was read', async (_, seen, change, code) => {
    const id = await draft();
    const stored = () =>
      pkgserver.database.client.packageRevision.findUnique({ where: { id }, select: { tree: true, lifecycle: true } });
    let after: unknown;
    const changed = whileRead(async () => {
      await change(id);
      after = await stored();
    });
    const asked = await add(id, { headers: { 'If-Match': seen === '*' ? '*' : `"${await treeOf(id)}"` } });
    expect(asked.status).toBe(202);
    await changed;
    expect(await admin.finished(asked.body.id as string)).toMatchObject({ state: 'failed', error: { code } });
    expect(await stored()).toEqual(after);
  });

  it('leaves what others change elsewhere in the draft, where it was asked for whatever that is', async () => {
    const id = await draft();
    const changed = whileRead(() => admin.edit(id, { 'b.txt': 'of others' }));
    expect((await add(id)).status).toBe(200);
    await changed;
    const names = ['Kptfile', 'b.txt', 'config.yaml', 'parts/core/Kptfile', 'parts/core/a.yaml'];
    expect(Object.keys(await filesOf(id)).toSorted()).toEqual(names);
  });

  it('is judged by the rights that its caller has when it is read, and a retry by those of whoever retries it', async () => {
    const id = await draft();
    const user = `u-${uuidv7()}`;
    const token = await signIn(pkgserver.database, user, { role: 'author', repositoryId: fleetId });
    const member = new Steps(pkgserver.url, { Authorization: `Bearer ${token}` });
    let answer: Promise<Answer> | undefined;
    const revoked = whileRead(async () => {
      await answer;
      await pkgserver.database.client.roleBinding.deleteMany({ where: { subject: user } });
    });
    answer = add(id, { steps: member, headers: { Prefer: 'wait=1' } });
    const { status, headers, body } = await answer;
    expect([status, headers.get('preference-applied')]).toEqual([202, 'wait=1']);
    await revoked;
    expect(await admin.finished(body.id as string)).toMatchObject({ state: 'failed', error: { code: 'forbidden' } });
    const denied = { outcome: 'denied', action: 'addSubpackage', actor: user } as const;
    expect(await pkgserver.database.client.auditEntry.count({ where: denied })).toBe(1);
    await admin.expect(200, 'POST', `/operations/${body.id}/retry`);
    expect(await admin.finished(body.id as string)).toMatchObject({ state: 'succeeded' });
    expect((await admin.revision(id)).upstreams).toHaveLength(1);
  });
});
