import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { uuidv7 } from '../../src/domain/uuid.js';
import { GitFixture } from '../support/git-fixture.js';
import { GitServer } from '../support/git-server.js';
import type { Body } from '../support/http-client.js';
import { type Pkgserver, startPkgserver } from '../support/pkgserver.js';
import { type GivenRole, signIn } from '../support/sign-in.js';
import { configMap, Steps } from '../support/steps.js';

const KPTFILE = 'apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: core\n';
const WAIT = { Prefer: 'wait=30' };

let git: GitServer;
let pkgserver: Pkgserver;
let admin: Steps;
let remote: GitFixture;
let fleetId: string;
let fleet: GitFixture;
let url: string;

const as = async (...roles: GivenRole[]): Promise<Steps> => {
  const token = await signIn(pkgserver.database, `u-${uuidv7()}`, ...roles);
  return new Steps(pkgserver.url, { Authorization: `Bearer ${token}` });
};

beforeAll(async () => {
  git = await GitServer.start();
  pkgserver = await startPkgserver({ AUTH: 'required', MAX_PACKAGE_BYTES: '100000' });
  admin = await as({ role: 'admin' });
  const place = await git.createRepository('elsewhere');
  url = place.url;
  remote = GitFixture.create(place.path);
  await remote.commit({
    files: { 'nf/core/Kptfile': KPTFILE, 'nf/core/a.yaml': configMap('a', 'one'), 'docs/x.md': 'x' },
  });
  await remote.tag('nf/core/v1');
  const own = await git.createRepository('fleet');
  fleet = GitFixture.create(own.path);
  fleetId = await admin.register({ name: 'fleet', url: own.url, deployment: true });
}, 120_000);
afterAll(async () => {
  await pkgserver?.stop();
  await git?.stop();
});

const at = (more: object = {}) => ({ url, ref: 'v1', directory: 'nf/core', ...more });
const request = (name: string, place: object = at(), more: object = {}) => ({
  ...{ repositoryId: fleetId, target: 'edge', package: name, workspace: 'one', ...more },
  source: { type: 'clone', upstream: { git: place } },
});
const clone = (name: string, place?: object, headers: Record<string, string> = WAIT, steps = admin) =>
  steps.call('POST', '/package-revisions', request(name, place), headers);
const pointers = (body: Body) => body.errors?.map(({ pointer, code }) => `${pointer} ${code}`);
const drafts = (name: string) =>
  pkgserver.database.client.packageRevision.findMany({ where: { repositoryId: fleetId, packageName: name } });

describe('a clone of a place in Git that nobody has registered', () => {
  it('is an operation whose result is the draft, pinned by commit and tree', async () => {
    const asked = await clone('core', at(), {});
    expect(asked).toMatchObject({
      status: 202,
      body: { kind: 'clone', state: 'queued', repositoryId: fleetId, target: { type: 'Repository', name: 'fleet' } },
    });
    expect(asked.headers.get('location')).toBe(`/api/v1/operations/${asked.body.id}`);
    const { state, result } = await admin.finished(asked.body.id as string);
    const { resource } = result as { resource: { type: string; id: string } };
    expect([state, resource.type]).toEqual(['succeeded', 'PackageRevision']);
    const draft = await admin.revision(resource.id);
    const commit = await remote.revParse('nf/core/v1^{commit}');
    const upstream = {
      url,
      directory: 'nf/core',
      ref: 'nf/core/v1',
      commit,
      tree: await remote.revParse('main:nf/core'),
    };
    expect(draft).toMatchObject({ lifecycle: 'draft', path: 'edge/core', source: { type: 'clone' }, upstream });
    expect(draft.upstream).toEqual({ ...upstream, revisionId: null });
    expect(draft.upstreamStatus).toEqual({ state: 'unknown', behind: null, current: null, newest: null });
    const { files } = (await admin.expect(200, 'GET', `/package-revisions/${draft.id}/resources`)).body;
    expect(files['a.yaml'].content).toBe(configMap('a', 'one'));
    expect(files.Kptfile.content).toContain(`    commit: ${commit}`);
    await admin.pushed(draft.id);
    const [{ message } = { message: '' }] = await fleet.log('drafts/edge/core/one');
    expect(message).toContain(`Upstream: ${url} nf/core nf/core/v1 ${commit} ${upstream.tree} git`);
  });

  it('is answered with the draft where its caller waits', async () => {
    const { status, headers, body } = await clone('waited');
    expect([status, body.lifecycle, body.package]).toEqual([201, 'draft', 'waited']);
    expect(headers.get('location')).toBe(`/api/v1/package-revisions/${body.id}`);
    const entries = await pkgserver.database.client.auditEntry.findMany({ where: { resourceId: body.id } });
    expect(entries).toMatchObject([{ action: 'packageRevision.cloned', before: null, path: 'edge/waited' }]);
    const asked = { where: { resourceId: entries[0]?.operationId, action: 'createPackageRevision' } };
    expect(await pkgserver.database.client.auditEntry.count(asked)).toBe(1);
  });

  it('reads a branch, a full name, and a whole repository as well', async () => {
    const { path, url: rootUrl } = await git.createRepository('root');
    const root = GitFixture.create(path);
    await root.commit({ files: { Kptfile: KPTFILE, 'a.yaml': configMap('a', 'root') } });
    const { body } = await clone('root', { url: rootUrl, ref: 'main', directory: '' });
    const commit = await root.revParse('main');
    expect(body.upstream).toMatchObject({
      directory: '',
      ref: 'main',
      commit,
      tree: await root.revParse('main^{tree}'),
    });
    const full = await clone('full', at({ ref: 'refs/tags/nf/core/v1' }));
    expect(full.body.upstream).toMatchObject({ ref: 'nf/core/v1' });
    await admin.pushed(body.id as string);
    const [{ message } = { message: '' }] = await fleet.log('drafts/edge/root/one');
    expect(message).toContain(`Upstream: ${rootUrl} / main ${commit} `);
  });

  it('signs in by the credential that is named, which its caller may use, and with no other', async () => {
    await git.createRepository('closed');
    const closed = GitFixture.create((await git.createRepository('closed')).path);
    await closed.commit({ files: { 'nf/core/Kptfile': KPTFILE } });
    git.requireBasic('closed', 'bot', 'secret');
    const host = new URL(git.url('closed')).host;
    const credential = { name: 'bot', type: 'basic', username: 'bot', password: 'secret', hosts: [host] };
    const { body: made } = await admin.expect(201, 'POST', '/credentials', credential);
    const place = { url: git.url('closed'), ref: 'main', directory: 'nf/core' };
    expect(await clone('closed', place)).toMatchObject({ status: 502, body: { code: 'remoteAuthFailed' } });
    const signedIn = { ...place, credentialId: made.id as string };
    expect((await clone('closed', signedIn)).status).toBe(201);
    const author = await as({ role: 'author', repositoryId: fleetId });
    const missing = ['/source/upstream/git/credentialId notFound'];
    expect(pointers((await clone('other', signedIn, WAIT, author)).body)).toEqual(missing);
    expect(pointers((await clone('other', { ...place, credentialId: uuidv7() })).body)).toEqual(missing);
    const elsewhere = { ...credential, name: 'else', hosts: ['git.example.com'] };
    const { body: bound } = await admin.expect(201, 'POST', '/credentials', elsewhere);
    const wrong = await clone('other', { ...place, credentialId: bound.id });
    expect([wrong.status, pointers(wrong.body)]).toEqual([422, ['/source/upstream/git/credentialId wrongHost']]);
    expect(await drafts('other')).toEqual([]);
  });
});

describe('a clone of a place that cannot be', () => {
  const REFUSED: [string, object, number, string, string][] = [
    ['a host that is not public', { url: 'https://10.0.0.1/x.git' }, 422, 'hostRefused', 'url hostRefused'],
    ['no URL of Git', { url: 'file:///etc' }, 422, 'invalidUrl', 'url invalidUrl'],
    ['a password in the URL', { url: 'https://a:b@example.com/x.git' }, 422, 'invalidUrl', 'url invalidUrl'],
    ['a directory that leads out', { directory: '../x' }, 422, 'invalidPath', 'directory invalidPath'],
    ['no name of a ref', { ref: 'a..b' }, 422, 'invalidName', 'ref invalidName'],
  ];
  it.each(REFUSED)('is refused at once: %s', async (_, more, status, code, fault) => {
    const answer = await clone('refused', at(more));
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(pointers(answer.body)).toEqual([`/source/upstream/git/${fault}`]);
  });

  const FAILED: [string, object, number, string, string][] = [
    [
      'a ref that is not there',
      { ref: 'v9' },
      422,
      'remoteRefNotFound',
      'has no tag or branch "v9". It has "nf/core/v1"',
    ],
    [
      'a directory that is not there',
      { directory: 'nf/none', ref: 'main' },
      422,
      'invalidPackage',
      'no directory "nf/none"',
    ],
    ['a directory that is no package', { directory: 'docs', ref: 'main' }, 422, 'invalidPackage', 'is no package'],
    ['more than a package may hold', { directory: 'large', ref: 'large' }, 413, 'packageTooLarge', 'at most 100000'],
    ['no repository', {}, 502, 'remoteNotFound', ''],
  ];
  it.each(FAILED)('fails with the reason, and leaves nothing: %s', async (what, more, status, code, message) => {
    const large = `${configMap('a', 'large')}# ${'x'.repeat(60_000)}\n`;
    await remote.commit({ branch: 'large', files: { 'large/a.yaml': large, 'large/b.yaml': `${large}#\n` } });
    const place = what === 'no repository' ? at({ url: git.url('nowhere') }) : at(more);
    const { status: found, body } = await clone('failed', place);
    expect([found, body.code]).toEqual([status, code]);
    expect(body.detail).toContain(message);
    expect(await drafts('failed')).toEqual([]);
    const last = { where: { kind: 'clone', path: 'edge/failed' }, orderBy: { id: 'desc' } } as const;
    expect((await pkgserver.database.client.operation.findFirst(last))?.state).toBe('failed');
  });

  it('is judged by the rights that its caller has when it is read, and a retry by those of whoever retries it', async () => {
    const user = `u-${uuidv7()}`;
    const token = await signIn(pkgserver.database, user, { role: 'author', repositoryId: fleetId });
    git.hang('elsewhere');
    const member = new Steps(pkgserver.url, { Authorization: `Bearer ${token}` });
    const { status, headers, body } = await clone('revoked', at(), { Prefer: 'wait=1' }, member);
    expect([status, headers.get('preference-applied'), body.state]).toEqual([202, 'wait=1', 'running']);
    await pkgserver.database.client.roleBinding.deleteMany({ where: { subject: user } });
    git.unhang('elsewhere');
    expect(await admin.finished(body.id as string)).toMatchObject({ state: 'failed', error: { code: 'forbidden' } });
    const denied = { where: { outcome: 'denied', action: 'createPackageRevision', path: 'edge/revoked' } } as const;
    expect(await pkgserver.database.client.auditEntry.findMany(denied)).toMatchObject([{ actor: user }]);
    expect(await drafts('revoked')).toEqual([]);
    await admin.expect(200, 'POST', `/operations/${body.id}/retry`);
    expect(await admin.finished(body.id as string)).toMatchObject({ state: 'succeeded' });
    const [draft] = await drafts('revoked');
    expect(draft?.createdBy).not.toBe(user);
  });

  it('needs the right to create a draft there, and a place that is free', async () => {
    const viewer = await as({ role: 'viewer', repositoryId: fleetId });
    expect((await clone('denied', at(), WAIT, viewer)).status).toBe(403);
    const elsewhere = await as({ role: 'author', repositoryId: fleetId, path: 'edge/mine' });
    expect((await clone('denied', at(), WAIT, elsewhere)).status).toBe(403);
    expect((await clone('mine', at(), WAIT, elsewhere)).status).toBe(201);
    const taken = await clone('mine');
    expect([taken.status, taken.body.code]).toEqual([409, 'packageExists']);
    const inside = await admin.call('POST', '/package-revisions', request('x', at(), { realm: 'mine' }));
    expect([inside.status, inside.body.code]).toEqual([409, 'nameConflict']);
    const unknown = await admin.call('POST', '/package-revisions', request('x', at(), { repositoryId: uuidv7() }));
    expect([unknown.status, pointers(unknown.body)]).toEqual([422, ['/repositoryId notFound']]);
  });
});
