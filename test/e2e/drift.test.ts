import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Prisma } from '../../src/database/generated/client.js';
import { GitServer } from '../support/git-server.js';
import { GitFixture } from '../support/git-fixture.js';
import type { Body } from '../support/http-client.js';
import { type Pkgserver, startPkgserver } from '../support/pkgserver.js';
import { Steps } from '../support/steps.js';

const ANY = { 'If-Match': '*' };
const BY_ALICE = { author: 'Alice Example <alice@example.com>', committer: 'Alice Example <alice@example.com>' };

let git: GitServer;
let pkgserver: Pkgserver;
let steps: Steps;
let remote: GitFixture;
let repositoryId: string;

beforeAll(async () => {
  git = await GitServer.start();
  pkgserver = await startPkgserver();
  steps = new Steps(pkgserver.url);
  const { url, path } = await git.createRepository('blueprints');
  remote = GitFixture.create(path);
  repositoryId = await steps.register({ name: 'blueprints', url });
}, 120_000);
afterAll(async () => {
  await pkgserver?.stop();
  await git?.stop();
});

const sync = () => steps.expect(200, 'POST', `/repositories/${repositoryId}/sync`, undefined, { Prefer: 'wait=30' });
const list = async (query: string): Promise<Body[]> =>
  (await steps.expect(200, 'GET', `/drift?repositoryId=${repositoryId}&${query}`)).body.items as Body[];
const first = async (query: string): Promise<Body> => {
  const [found] = await list(query);
  if (!found) throw new Error(`There is no drift with ${query}`);
  return found;
};

/** A package with one publication. */
async function published(name: string): Promise<Body> {
  const id = await steps.draft(repositoryId, name);
  await steps.publish(id);
  return steps.revision(id);
}

/** What somebody commits to the package on the ref. */
async function changed(name: string): Promise<{ revision: Body; commit: string; drift: Body }> {
  const revision = await published(name);
  const commit = await remote.commit({ files: { [`${name}/config.yaml`]: 'a: 1\n' } });
  await sync();
  return { revision, commit, drift: await first(`path=${name}`) };
}

describe('drift', () => {
  it('is listed with what Git holds, who did it, and what the service held', async () => {
    const { revision, commit, drift } = await changed('web');
    expect(drift).toMatchObject({
      ...{ kind: 'headDiffers', state: 'open', path: 'web', repository: 'blueprints', packageId: revision.packageId },
      git: { commit, tree: await remote.revParse('main:web'), ...BY_ALICE, committedAt: expect.any(String) },
      held: { commit: revision.commit, tree: revision.tree, revision: 'v1' },
      ...{ files: ['config.yaml'], fileCount: 1, actions: ['adopt', 'restore', 'acknowledge'] },
      ...{ draftId: null, acknowledgement: null, resolution: null, resolvedAt: null },
    });
    const got = await steps.expect(200, 'GET', `/drift/${drift.id}`);
    expect(got.body).toEqual(drift);
    expect(got.headers.get('etag')).toBe(`"${drift.etag}"`);
    const packages = await steps.expect(200, 'GET', `/packages?driftState=open&path=web`);
    expect(packages.body.items).toMatchObject([{ driftState: 'open', head: { state: 'differs' } }]);
    expect(await list('kind=tagMoved,tagAdded')).toEqual([]);
    expect(await list('state=resolved')).toEqual([]);
    await steps.expect(400, 'GET', '/drift?state=none');
  });

  it('is adopted by a draft, whose publication ends it', async () => {
    const { drift } = await changed('adopted');
    const path = `/drift/${drift.id}/adopt`;
    await steps.expect(428, 'POST', path, {});
    await steps.expect(412, 'POST', path, {}, { 'If-Match': '"x"' });
    await steps.expect(422, 'POST', path, { workspace: 'No Name' }, ANY);
    const made = await steps.expect(201, 'POST', path, { workspace: 'theirs' }, { 'If-Match': drift.etag });
    const draft = made.body;
    expect(draft).toMatchObject({
      ...{ lifecycle: 'draft', workspace: 'theirs', path: 'adopted', tree: (drift.git as Body).tree },
      source: { type: 'copy', commit: (drift.git as Body).commit },
    });
    expect(await first('path=adopted')).toMatchObject({ draftId: draft.id, actions: ['acknowledge'] });
    const { body } = await steps.expect(409, 'POST', `/drift/${drift.id}/restore`, undefined, ANY);
    expect(body).toMatchObject({ code: 'stateConflict', allowedActions: ['acknowledge'] });
    await steps.publish(draft.id);
    expect(await list('path=adopted')).toEqual([]);
    expect(await first('path=adopted&state=resolved')).toMatchObject({
      ...{ id: drift.id, resolution: 'adopted', resolvedAt: expect.any(String), actions: [] },
    });
    const { body: again } = await steps.expect(409, 'POST', `/drift/${drift.id}/acknowledge`, { reason: 'x' }, ANY);
    expect(again).toMatchObject({ code: 'stateConflict', allowedActions: [] });
    const { body: web } = await steps.expect(200, 'GET', `/packages/${drift.packageId}`);
    expect(web).toMatchObject({ driftState: 'none', head: { state: 'published' } });
  });

  it('is refused where the draft cannot be, and nothing has changed then', async () => {
    const { drift, revision } = await changed('taken');
    const [adopt, restore] = ['adopt', 'restore'].map((action) => `/drift/${drift.id}/${action}`) as [string, string];
    const { workspace } = revision;
    // Beside the branch of a draft "inner" Git can hold no branch below that name.
    await remote.commit({ files: { 'taken/inner/Kptfile': 'apiVersion: a/v1\nkind: B\n' } });
    await remote.tag('taken/inner/v1');
    await sync();
    for (const path of [adopt, restore]) {
      expect((await steps.expect(409, 'POST', path, { workspace }, ANY)).body.code).toBe('alreadyExists');
      expect((await steps.expect(409, 'POST', path, { workspace: 'inner' }, ANY)).body.code).toBe('nameConflict');
    }
    // A moved tag, and a head that differs besides.
    const side = await remote.commit({ branch: 'aside', files: { 'taken/Kptfile': 'apiVersion: a/v1\nkind: C\n' } });
    await remote.moveTag('taken/v1', side);
    await sync();
    const moved = await first('path=taken&kind=tagMoved');
    for (const action of ['adopt', 'restore']) {
      const { body } = await steps.expect(409, 'POST', `/drift/${moved.id}/${action}`, {}, ANY);
      expect(body).toMatchObject({ code: 'headDiffers', files: expect.any(Array) });
    }
    await remote.deleteRef('refs/tags/taken/v1');
    await sync();
    const gone = await first('path=taken&kind=tagDeleted');
    const { body } = await steps.expect(409, 'POST', `/drift/${gone.id}/adopt`, {}, ANY);
    expect(body).toMatchObject({ code: 'stateConflict', allowedActions: ['restore', 'acknowledge'] });
    expect(await list('path=taken')).toMatchObject([{ draftId: null }, { draftId: null }]);
  });

  it('is acted on once for one Idempotency-Key, read again only if it is another, and listed page by page', async () => {
    const { drift } = await changed('once');
    const etag = `"${drift.etag}"`;
    const again = await steps.call('GET', `/drift/${drift.id}`, undefined, { 'If-None-Match': etag });
    expect([again.status, again.headers.get('etag')]).toEqual([304, etag]);
    const page = await steps.expect(200, 'GET', `/drift?repositoryId=${repositoryId}&pageSize=1`);
    expect(page.body.nextCursor).toEqual(expect.any(String));
    const twice = async (status: number, path: string, body: object) => {
      const headers = { ...ANY, 'Idempotency-Key': path };
      const made = await steps.expect(status, 'POST', path, body, headers);
      const replayed = await steps.expect(status, 'POST', path, body, headers);
      expect(replayed.headers.get('idempotency-replayed')).toBe('true');
      expect(replayed.body).toEqual(made.body);
      return made.body;
    };
    await twice(200, `/drift/${drift.id}/acknowledge`, { reason: 'A fix.' });
    const adopted = await twice(201, `/drift/${drift.id}/adopt`, {});
    await steps.expect(204, 'DELETE', `/package-revisions/${adopted.id}`, undefined, ANY);
    await twice(201, `/drift/${drift.id}/restore`, {});
  });

  it('is begun to be settled by one of two who come at once', async () => {
    const { drift } = await changed('twice');
    const begin = (action: string) => steps.call('POST', `/drift/${drift.id}/${action}`, {}, ANY);
    const answers = await Promise.all(['adopt', 'restore', 'adopt', 'restore'].map(begin));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409]);
    const refused = answers.filter(({ status }) => status === 409);
    expect(new Set(refused.map(({ body }) => (body as Body).code))).toEqual(new Set(['stateConflict']));
  });

  it('of a branch that the host would not delete is over with a sync that somebody asks for', async () => {
    const id = await steps.draft(repositoryId, 'kept');
    await expect
      .poll(async () => (await steps.revision(id)).git, { timeout: 30_000 })
      .toMatchObject({ state: 'synced' });
    await remote.configure({ 'receive.denyDeletes': 'true' });
    await steps.publish(id);
    expect(await first('path=kept')).toMatchObject({ kind: 'leftoverBranch' });
    await remote.configure({ 'receive.denyDeletes': 'false' });
    await sync();
    await expect.poll(() => list('path=kept'), { timeout: 30_000 }).toEqual([]);
    expect(await first('path=kept&state=resolved')).toMatchObject({ resolution: 'gone' });
  });

  it('is undone by a draft of what was held, on purpose', async () => {
    const { drift, revision } = await changed('restored');
    const { body: draft } = await steps.expect(201, 'POST', `/drift/${drift.id}/restore`, undefined, ANY);
    expect(draft).toMatchObject({ tree: revision.tree, conditions: [{ type: 'OverwritesHead' }] });
    await steps.publish(draft.id);
    expect(await remote.revParse('main:restored')).toBe(revision.tree);
    expect(await first('path=restored&state=resolved')).toMatchObject({ resolution: 'restored' });
    const { body: events } = await steps.expect(200, 'GET', '/events?path=restored&type=dev.pkgserver.drift.resolved');
    expect(events.items).toMatchObject([{ data: { drift: { packageRevisionId: null, resolution: 'restored' } } }]);
  });

  it('is acknowledged with a reason', async () => {
    const { drift } = await changed('known');
    const path = `/drift/${drift.id}/acknowledge`;
    await steps.expect(422, 'POST', path, { reason: '' }, ANY);
    await steps.expect(428, 'POST', path, { reason: 'A fix.' });
    const { body } = await steps.expect(200, 'POST', path, { reason: 'A fix.' }, ANY);
    expect(body).toMatchObject({
      ...{ state: 'acknowledged', actions: ['adopt', 'restore'] },
      acknowledgement: { by: 'anonymous', reason: 'A fix.', at: expect.any(String) },
    });
    const packages = await steps.expect(200, 'GET', `/packages?driftState=acknowledged&path=known`);
    expect(packages.body.items).toMatchObject([{ path: 'known' }]);
    expect(await list('state=acknowledged&path=known')).toMatchObject([{ id: drift.id }]);
    const { body: events } = await steps.expect(200, 'GET', `/events?path=known&pageSize=100`);
    const told = (events.items as Body[]).filter(({ type }) => String(type).includes('.drift.'));
    expect(told).toMatchObject([
      { type: 'dev.pkgserver.drift.found', actor: null, subject: `drift/${drift.id}` },
      { type: 'dev.pkgserver.drift.acknowledged', actor: 'anonymous', data: { drift: { kind: 'headDiffers' } } },
    ]);
  });

  it('of a commit that the history has not read yet says nothing of who did it', async () => {
    const { drift } = await changed('early');
    await pkgserver.database.client.$executeRaw`DELETE FROM package_commit WHERE path = 'early'`;
    const { body } = await steps.expect(200, 'GET', `/drift/${drift.id}`);
    expect(body.git).toMatchObject({ commit: expect.any(String), author: null, committer: null, committedAt: null });
  });

  it('of a tag leaves what was published as it was reviewed', async () => {
    const revision = await published('tagged');
    await remote.deleteRef('refs/tags/tagged/v1');
    await sync();
    const gone = await first('path=tagged');
    expect(gone).toMatchObject({ kind: 'tagDeleted', git: null, packageRevisionId: revision.id, ref: 'tagged/v1' });
    expect(await list(`packageRevisionId=${revision.id}`)).toMatchObject([{ id: gone.id }]);
    const { tree, commit, lifecycle, latest } = revision;
    const now = await steps.revision(revision.id);
    expect(now).toMatchObject({ tree, commit, lifecycle, latest, conditions: [{ reason: 'TagDeleted' }] });
    expect(await files(revision)).toContain('config.yaml');
    const { body: events } = await steps.expect(
      200,
      'GET',
      `/events?packageRevisionId=${revision.id}&type=drift.found`,
    );
    expect(events.items).toMatchObject([{ data: { drift: { packageRevisionId: revision.id, ref: 'tagged/v1' } } }]);
    const { body: told } = await steps.expect(200, 'GET', `/packages/${revision.packageId}/history`);
    expect((told.items as Body[]).map(({ event }) => event)).toContain('tagDeleted');
    await remote.tag('tagged/v1', { at: await remote.commit({ files: { 'tagged/more.yaml': 'a: 1\n' } }) });
    await sync();
    expect(await first('path=tagged&kind=tagMoved')).toMatchObject({ held: { tree }, files: ['more.yaml'] });
    expect(await steps.revision(revision.id)).toMatchObject({
      tree,
      commit,
      conditions: [{ reason: 'TagMoved' }],
    });
  });

  it("of a draft's branch has what the draft was", async () => {
    const id = await steps.draft(repositoryId, 'lost');
    const { tree } = await steps.revision(id);
    await sync();
    await expect.poll(() => remote.revParse('drafts/lost/first').catch(() => null), { timeout: 30_000 }).not.toBeNull();
    await expect
      .poll(async () => (await steps.revision(id)).git, { timeout: 30_000 })
      .toMatchObject({ state: 'synced' });
    await remote.deleteRef('refs/heads/drafts/lost/first');
    await sync();
    const drift = await first('path=lost');
    expect(drift).toMatchObject({
      ...{
        kind: 'branchDeleted',
        packageId: null,
        packageRevisionId: null,
        held: { tree, workspace: 'first', revision: null },
      },
    });
    const { body: draft } = await steps.expect(201, 'POST', `/drift/${drift.id}/restore`, {}, ANY);
    expect(draft).toMatchObject({ tree, workspace: 'first' });
    expect(await first('path=lost&state=resolved')).toMatchObject({ resolution: 'restored', draftId: draft.id });
  });

  it('of the whole repository has no path, and no files', async () => {
    const lost = await remote.revParse('main');
    await remote.branch('other', 'main~1');
    await remote.commit({ branch: 'other', files: { 'README.md': 'other\n' } });
    await remote.branch('main', 'other');
    await sync();
    expect(await first('kind=historyRewritten')).toMatchObject({
      ...{ path: null, packageId: null, packageRevisionId: null, ref: 'main', files: null, fileCount: null },
      ...{ git: { tree: null, ...BY_ALICE }, held: { commit: lost, tree: null, revision: null, workspace: null } },
    });
  });

  it('of the whole repository is acknowledged by one of two who come at once', async () => {
    const { id } = await first('kind=historyRewritten');
    const acknowledge = (reason: string) => steps.call('POST', `/drift/${id}/acknowledge`, { reason }, ANY);
    const answers = await Promise.all(['A', 'B', 'C', 'D'].map(acknowledge));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409]);
  });

  it('of a branch that is new to the service has nothing that was held', async () => {
    await published('new');
    await remote.branch('drafts/new/theirs', 'main');
    await remote.commit({ branch: 'drafts/new/theirs', files: { 'new/config.yaml': 'a: 2\n' } });
    await sync();
    const drift = await first('path=new');
    expect(drift).toMatchObject({ kind: 'branchPushed', held: null, actions: ['acknowledge'] });
    await steps.expect(200, 'POST', `/drift/${drift.id}/acknowledge`, { reason: 'Welcome.' }, ANY);
    await steps.expect(404, 'GET', `/drift/${drift.packageId}`);
  });

  it('that is over says how it ended', async () => {
    await remote.deleteRef('refs/heads/drafts/new/theirs');
    await sync();
    const [gone] = await list('path=new&state=resolved');
    expect(gone).toMatchObject({ kind: 'branchPushed', resolution: 'gone' });
    const all = await pkgserver.database.client.$queryRaw<{ kind: string }[]>(
      Prisma.sql`SELECT DISTINCT kind::text FROM drift WHERE state = 'resolved'`,
    );
    expect(all.length).toBeGreaterThan(1);
  });
});

const files = async ({ id }: Body): Promise<string[]> =>
  Object.keys((await steps.expect(200, 'GET', `/package-revisions/${id}/resources`)).body.files as object);
