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
let author: Steps;
let fleetId: string;
let hidden: { url: string; fixture: GitFixture; id: string };
let stranger: { url: string; fixture: GitFixture };

const as = async (...roles: GivenRole[]): Promise<Steps> => {
  const token = await signIn(pkgserver.database, `u-${uuidv7()}`, ...roles);
  return new Steps(pkgserver.url, { Authorization: `Bearer ${token}` });
};

/** A remote with one package at two versions, and a branch that is ahead of them. */
async function place(name: string): Promise<{ url: string; fixture: GitFixture }> {
  const { url, path } = await git.createRepository(name);
  const fixture = GitFixture.create(path);
  for (const version of ['v1', 'v2']) {
    await fixture.commit({ files: { 'nf/core/Kptfile': KPTFILE, 'nf/core/a.yaml': configMap('a', version) } });
    await fixture.tag(`nf/core/${version}`);
  }
  await fixture.commit({ files: { 'nf/core/a.yaml': configMap('a', 'ahead') } });
  return { url, fixture };
}

beforeAll(async () => {
  git = await GitServer.start();
  pkgserver = await startPkgserver({ AUTH: 'required', SYNC_INTERVAL_SECONDS: '3600' });
  admin = await as({ role: 'admin' });
  fleetId = await admin.register({ name: 'fleet', url: (await git.createRepository('fleet')).url });
  author = await as({ role: 'author', repositoryId: fleetId });
  const secret = await place('secret');
  hidden = { ...secret, id: await admin.register({ name: 'secret', url: secret.url }) };
  stranger = await place('stranger');
}, 120_000);
afterAll(async () => {
  await pkgserver?.stop();
  await git?.stop();
});

const request = (name: string, git: object, more: object = {}) => ({
  ...{ repositoryId: fleetId, package: name, workspace: 'one', ...more },
  source: { type: 'clone', upstream: { git } },
});
const clone = (steps: Steps, name: string, git: object, headers: Record<string, string> = WAIT) =>
  steps.call('POST', '/package-revisions', request(name, git), headers);
const operations = () => pkgserver.database.client.operation.count({ where: { kind: 'clone' } });
const drafts = (packageName: string) => pkgserver.database.client.packageRevision.count({ where: { packageName } });

describe('a clone of a place that a registered repository covers', () => {
  it('is taken from the index at once: a tag by either name, the branch, however the URL is written', async () => {
    const before = await operations();
    const { items } = (await admin.expect(200, 'GET', '/package-revisions?repository=secret&revision=v1')).body;
    const [v1] = items as Body[];
    const same = { url: hidden.url.replace(/\.git$/, ''), directory: '/nf/core/' };
    for (const [name, ref] of Object.entries({ short: 'v1', whole: 'nf/core/v1', full: 'refs/tags/nf/core/v1' })) {
      const { status, body } = await clone(admin, name, { ...same, ref }, {});
      expect([status, body.upstream.revisionId]).toEqual([201, v1?.id]);
      expect((await admin.revision(body.id as string)).upstreamStatus.state).toBe('behind');
      expect(body.upstream).toMatchObject({ url: hidden.url, ref: 'nf/core/v1', commit: v1?.commit, tree: v1?.tree });
    }
    const { status, body } = await clone(admin, 'head', { ...same, ref: 'main' }, {});
    expect([status, body.upstream.ref, body.upstream.commit]).toEqual([
      201,
      'main',
      await hidden.fixture.revParse('main'),
    ]);
    expect(await operations()).toBe(before);
  });

  it('is read in Git by whoever may not see it, as one that nobody has registered', async () => {
    const shown = async (name: string, url: string) => {
      const asked = await clone(author, `${name}-asked`, { url, ref: 'v1', directory: 'nf/core' }, {});
      const missing = await clone(author, `${name}-missing`, { url, ref: 'v9', directory: 'nf/core' });
      const made = await clone(author, `${name}-made`, { url, ref: 'v1', directory: 'nf/core' });
      const { upstream, upstreamStatus, conditions } = made.body;
      const { detail } = missing.body;
      return {
        ...{
          statuses: [asked.status, missing.status, made.status],
          code: missing.body.code,
          upstreamStatus,
          conditions,
        },
        detail: detail.replace(url, 'URL'),
        upstream: { ...upstream, url: 'URL', commit: 'C' },
      };
    };
    const ofHidden = await shown('hidden', hidden.url);
    expect(ofHidden).toEqual(await shown('stranger', stranger.url));
    expect(ofHidden).toMatchObject({ statuses: [202, 422, 201], upstreamStatus: { state: 'unknown' } });
    expect(ofHidden.upstream.revisionId).toBeNull();
    const states = (await author.expect(200, 'GET', '/package-revisions?upstreamState=unknown&q=hidden-made')).body;
    expect(states.items).toHaveLength(1);
  });

  it('is not read with the credential of the repository that its caller may not see', async () => {
    const { url, path } = await git.createRepository('locked');
    await GitFixture.create(path).commit({ files: { 'nf/core/Kptfile': KPTFILE } });
    git.requireBasic('locked', 'bot', 'secret');
    const credential = {
      name: 'locked',
      type: 'basic',
      username: 'bot',
      password: 'secret',
      hosts: [new URL(url).host],
    };
    const { body: made } = await admin.expect(201, 'POST', '/credentials', credential);
    const registration = { name: 'locked', git: { url, credentialId: made.id } };
    const { body: repository } = await admin.expect(201, 'POST', '/repositories', registration);
    await admin.expect(200, 'POST', `/repositories/${repository.id}/sync`, undefined, WAIT);
    const named = { url, ref: 'main', directory: 'nf/core' };
    expect((await clone(admin, 'unlocked', named, {})).status).toBe(201);
    expect(await clone(author, 'stays-locked', named)).toMatchObject({
      status: 502,
      body: { code: 'remoteAuthFailed' },
    });
  });
});

describe('a request for a clone of a place in Git', () => {
  const named = () => ({ url: stranger.url, ref: 'v1', directory: 'nf/core' });

  it('leads to one draft where two come at once', async () => {
    const answers = await Promise.all([1, 2].map(() => clone(author, 'twice', named())));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 409]);
    expect(answers.find(({ status }) => status === 409)?.body.code).toBe('packageExists');
    expect(await drafts('twice')).toBe(1);
  });

  it('is answered as before where its Idempotency-Key comes again', async () => {
    const key = { 'Idempotency-Key': uuidv7() };
    const first = await clone(author, 'again', named(), key);
    const second = await clone(author, 'again', named(), key);
    expect([first.status, second.status, second.body]).toEqual([202, 202, first.body]);
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    expect(await author.finished(first.body.id as string)).toMatchObject({ state: 'succeeded' });
    const third = await clone(author, 'again', named(), { ...key, ...WAIT });
    expect([third.status, third.body.package]).toEqual([201, 'again']);
    expect(await drafts('again')).toBe(1);
  });

  it('is judged by a dry run, which asks no remote and leaves nothing', async () => {
    const before = await operations();
    const dry = (name: string, git: object) =>
      author.call('POST', '/package-revisions?dryRun=true', request(name, git));
    const { status, headers, body } = await dry('dry', named());
    expect([status, headers.get('dry-run-operation'), headers.get('location')]).toEqual([201, 'clone', null]);
    expect(body).toMatchObject({ lifecycle: 'draft', fileCount: 0, upstream: { ref: 'v1', commit: null, tree: null } });
    expect((await dry('twice', named())).status).toBe(409);
    expect([await operations(), await drafts('dry')]).toEqual([before, 0]);
  });
});

describe('what was cloned from a place in Git', () => {
  const resources = async (id: string) =>
    (await admin.expect(200, 'GET', `/package-revisions/${id}/resources`)).body.files;

  it('is upgraded to a revision of the repository once that is registered, and says what it is by then', async () => {
    const { url, fixture } = await place('later');
    const { body: draft } = await clone(admin, 'deployed', { url, ref: 'v1', directory: 'nf/core' });
    await admin.publish(draft.id as string);
    const laterId = await admin.register({ name: 'later', url: url.replace(/\.git$/, '') });
    expect((await admin.revision(draft.id)).upstreamStatus.state).toBe('unknown');
    const { items } = (await admin.expect(200, 'GET', `/package-revisions?repositoryId=${laterId}&revision=v2`)).body;
    const to = { revisionId: (items as Body[])[0]?.id as string };
    const preview = await admin.expect(201, 'POST', `/package-revisions/${draft.id}/upgrade-previews`, { to });
    expect(preview.body.from).toMatchObject({ ref: 'nf/core/v1', revisionId: null });
    expect(preview.body.conflicts).toEqual([]);
    const source = { type: 'upgrade', revisionId: draft.id, upstream: to };
    const upgrade = { repositoryId: fleetId, workspace: 'two', source };
    const { body: upgraded } = await admin.expect(201, 'POST', '/package-revisions', upgrade);
    expect((await admin.revision(upgraded.id)).upstreamStatus).toMatchObject({
      state: 'upToDate',
      current: { revisionId: to.revisionId },
    });
    expect((await resources(upgraded.id))['a.yaml'].content).toBe(configMap('a', 'v2'));
    const newest = { ...upgrade, workspace: 'three', source: { ...source, upstream: 'newest' } };
    expect((await admin.expect(201, 'POST', '/package-revisions', newest)).body.upstream.ref).toBe('nf/core/v2');
    await fixture.check();
  });

  it('reads the same after the index was made again from Git', async () => {
    const { body: draft } = await clone(admin, 'kept', { url: stranger.url, ref: 'v1', directory: 'nf/core' });
    await admin.publish(draft.id as string);
    const { body: open } = await clone(admin, 'open', { url: stranger.url, ref: 'v2', directory: 'nf/core' });
    await admin.pushed(open.id as string);
    const state = async () => {
      const { body } = await admin.expect(200, 'GET', '/package-revisions?repository=fleet&q=.ke');
      const others = await admin.expect(200, 'GET', '/package-revisions?repository=fleet&q=.open');
      return [...body.items, ...others.body.items].map((row: Body) => [
        row.package,
        row.upstream,
        (row.upstreamStatus as Body).state,
      ]);
    };
    const before = await state();
    expect(before.map(([name, , is]) => [name, is])).toEqual([
      ['kept', 'unknown'],
      ['open', 'unknown'],
    ]);
    const { url } = (await admin.expect(200, 'GET', `/repositories/${fleetId}`)).body.git;
    await admin.expect(204, 'DELETE', `/repositories/${fleetId}?drafts=discard`, undefined, { 'If-Match': '*' });
    await pkgserver.database.client.upstreamPin.deleteMany();
    await admin.register({ name: 'fleet', url });
    expect(await state()).toEqual(before);
  });
});
