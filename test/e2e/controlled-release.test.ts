import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { giveRoles, type GivenRole, makeToken, signIn } from '../support/sign-in.js';
import { type Body, type Call, HttpClient } from '../support/http-client.js';
import { GitFixture } from '../support/git-fixture.js';
import { GitServer } from '../support/git-server.js';
import { type Pkgserver, startPkgserver } from '../support/pkgserver.js';

const ANY = { 'If-Match': '*' };
const HELD = { ...ANY, Prefer: 'wait=30' };
const CONFIG_MAP = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: example\n';
const GATED =
  'apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: p\ninfo:\n  readinessGates:\n    - conditionType: tested\n';

/** Approvals over HTTP with real tokens, the whole service and a real Git server. */
describe('controlled release', () => {
  let git: GitServer;
  let pkgserver: Pkgserver;
  let sequence = 0;

  beforeAll(async () => {
    git = await GitServer.start();
    pkgserver = await startPkgserver({ AUTH: 'required' });
  });
  afterAll(async () => {
    await pkgserver?.stop();
    await git?.stop();
  });

  const as = (token: string, server = pkgserver): Call =>
    new HttpClient(server.url, { 'X-Remote-Call': 'ada', Authorization: `Bearer ${token}` }).call;

  interface World {
    remote: GitFixture;
    url: string;
    name: string;
    repositoryId: string;
    admin: Call;
    /** A user with a role in this repository, and a way to sign in again. */
    user: (name: string, role?: GivenRole['role']) => Promise<Call>;
  }

  async function register(admin: Call, name: string, url: string, policy: object): Promise<string> {
    const created = await admin('POST', '/repositories', { name, deployment: true, git: { url }, policy });
    expect(created.status).toBe(201);
    expect((await admin('POST', `/repositories/${created.body.id}/sync`, undefined, HELD)).status).toBe(200);
    return created.body.id;
  }

  async function start(policy: object = {}): Promise<World> {
    sequence += 1;
    const name = `fleet-${sequence}`;
    const { url, path } = await git.createRepository(name);
    const admin = as(await signIn(pkgserver.database, `root-${sequence}`, { role: 'admin' }));
    const repositoryId = await register(admin, name, url, policy);
    const user: World['user'] = async (who, role = 'repositoryAdmin') =>
      as(await signIn(pkgserver.database, who, { role, repositoryId }));
    return { remote: GitFixture.create(path), url, name, repositoryId, admin, user };
  }

  const draft = async ({ repositoryId }: World, author: Call, workspace = 'one'): Promise<string> => {
    const source = { type: 'init' };
    const body = { repositoryId, target: 'edge', package: 'core', workspace, source };
    const created = await author('POST', '/package-revisions', body);
    expect(created.status).toBe(201);
    return created.body.id;
  };
  const edit = async (user: Call, id: string, content = `${CONFIG_MAP}# ${Math.random()}\n`, path = 'map.yaml') => {
    const edited = await user('PATCH', `/package-revisions/${id}/resources`, { files: { [path]: { content } } }, ANY);
    expect(edited.status).toBe(200);
    return edited.body.tree;
  };
  const act = async (user: Call, id: string, action: string) => {
    const answer = await user('POST', `/package-revisions/${id}/${action}`);
    expect(answer.status).toBe(200);
    return answer.body;
  };
  const approve = (user: Call, id: string, body?: object, headers = HELD) =>
    user('POST', `/package-revisions/${id}/approve`, body, headers);
  const rework = async (author: Call, id: string): Promise<void> => {
    await act(author, id, 'reject');
    await edit(author, id);
    await act(author, id, 'propose');
  };
  const trailersOf = async (remote: GitFixture, revision: string, key: string): Promise<string[]> => {
    const { message } = (await remote.log(revision))[0] as { message: string };
    return message.split('\n').flatMap((line) => (line.startsWith(`${key}: `) ? [line.slice(key.length + 2)] : []));
  };
  /** Until the engine has pushed what waits. */
  const pushed = async (user: Call, id: string): Promise<Body> => {
    for (let attempt = 0; attempt < 1_200; attempt += 1) {
      const { body } = await user('GET', `/package-revisions/${id}`);
      if ((body.git as { state: string }).state === 'synced') return body;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error('nothing was pushed');
  };

  it('publishes with the last of three approvals, which the commit names in their order', async () => {
    const world = await start({ requiredApprovals: 3 });
    const [ada, grace, henk, ines] = await Promise.all(['ada', 'grace', 'henk', 'ines'].map((who) => world.user(who)));
    const id = await draft(world, ada as Call);
    const tree = await edit(ada as Call, id);
    const proposed = await act(ada as Call, id, 'propose');
    const stale = { 'If-Match': `"${proposed.etag}"` };
    const first = await approve(grace as Call, id, { comment: 'Looks right.' }, stale as typeof HELD);
    expect(first).toMatchObject({ status: 200, body: { lifecycle: 'proposed' } });
    expect((await approve(henk as Call, id, undefined, stale as typeof HELD)).status).toBe(412);
    expect((await approve(henk as Call, id, {})).body).toMatchObject({ lifecycle: 'proposed', revision: null });
    expect(await world.remote.tags()).toEqual([]);
    expect((await (ada as Call)('GET', `/package-revisions/${id}/approvals`)).body).toMatchObject({
      items: [
        { approvedBy: 'grace', comment: 'Looks right.', valid: true, invalidReason: null, tree },
        { approvedBy: 'henk', comment: null, valid: true },
      ],
      required: 3,
      missing: 1,
    });
    const published = await approve(ines as Call, id);
    expect(published).toMatchObject({
      status: 200,
      body: { lifecycle: 'published', revision: 'v1', publishedBy: 'ines', tree, breakGlass: null },
    });
    expect(await trailersOf(world.remote, 'edge/core/v1', 'Approved-by')).toEqual(['grace', 'henk', 'ines']);
    expect((await world.remote.log('edge/core/v1'))[0]?.author).toContain('ines');
    expect(await world.remote.revParse('edge/core/v1^{commit}:edge/core')).toBe(tree);
  });

  it('takes an approval without a body in every form', async () => {
    const world = await start({ requiredApprovals: 3 });
    const id = await draft(world, await world.user('ada'));
    await act(await world.user('ada'), id, 'propose');
    const token = await signIn(pkgserver.database, 'grace', { role: 'approver', repositoryId: world.repositoryId });
    const post = (headers: Record<string, string>, body?: string) =>
      fetch(`${pkgserver.url}/api/v1/package-revisions/${id}/approve`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${token}`, ...ANY, ...headers },
        ...(body !== undefined && { body }),
      });
    expect((await post({})).status).toBe(200);
    expect((await post({ 'Content-Type': 'application/json' })).status).toBe(200);
    expect((await post({ 'Content-Type': 'application/json' }, '{}')).status).toBe(200);
    const wrong = await post({ 'Content-Type': 'application/json' }, '{"breakGlass":{"reason":" "}}');
    expect(wrong.status).toBe(422);
    expect((await wrong.json()) as Body).toMatchObject({ errors: [{ pointer: '/breakGlass/reason' }] });
  });

  describe('own work', () => {
    const refused = { status: 403, body: { code: 'selfApproval' } };

    it('is not approved by its author: not after a proxy edited and proposed it, and not with another token', async () => {
      const world = await start();
      const ada = await world.user('ada');
      const bob = await world.user('bob');
      const id = await draft(world, ada);
      await edit(ada, id);
      await edit(bob, id);
      await act(bob, id, 'propose');
      expect(await approve(ada, id)).toMatchObject(refused);
      expect(await approve(bob, id)).toMatchObject(refused);
      const again = as(await makeToken(pkgserver.database, { user: 'ada', roles: ['approver'] }));
      expect(await approve(again, id)).toMatchObject(refused);
      expect(await approve(await world.user('grace'), id)).toMatchObject({ status: 200 });
    });

    it('is not approved as the copy of what was published', async () => {
      const world = await start();
      const [ada, grace] = [await world.user('ada'), await world.user('grace')];
      const id = await draft(world, ada);
      await act(ada, id, 'propose');
      expect((await approve(grace, id)).status).toBe(200);
      const body = { repositoryId: world.repositoryId, workspace: 'two', source: { type: 'copy', revisionId: id } };
      const copy = (await grace('POST', '/package-revisions', body)).body.id;
      await edit(ada, copy);
      await act(ada, copy, 'propose');
      expect(await approve(grace, copy)).toMatchObject(refused);
      expect(await approve(ada, copy)).toMatchObject(refused);
    });

    it('is not approved by withdrawing and approving again', async () => {
      const world = await start({ requiredApprovals: 2 });
      const [ada, grace, henk] = [await world.user('ada'), await world.user('grace'), await world.user('henk')];
      const id = await draft(world, ada);
      await act(ada, id, 'propose');
      expect((await approve(grace, id)).body.lifecycle).toBe('proposed');
      const { items } = (await grace('GET', `/package-revisions/${id}/approvals`)).body;
      const path = `/package-revisions/${id}/approvals/${items[0]?.id}`;
      expect((await henk('DELETE', path, undefined, ANY)).body.code).toBe('forbidden');
      expect((await grace('DELETE', path)).status).toBe(428);
      expect((await grace('DELETE', path, undefined, ANY)).status).toBe(204);
      await rework(grace, id);
      expect(await approve(grace, id)).toMatchObject(refused);
      expect((await approve(henk, id)).body.lifecycle).toBe('proposed');
      expect((await grace('GET', `/package-revisions/${id}/approvals`)).body).toMatchObject({
        missing: 1,
        items: [
          { valid: false, invalidReason: 'withdrawn' },
          { approvedBy: 'henk', valid: true },
        ],
      });
    });

    it('includes what somebody pushed to the branch with native Git', async () => {
      const world = await start();
      const ada = await world.user('ada');
      const id = await draft(world, ada);
      await edit(ada, id);
      await pushed(ada, id);
      await world.remote.commit({
        branch: 'drafts/edge/core/one',
        files: { 'edge/core/theirs.yaml': CONFIG_MAP },
        author: { name: 'Grace Hopper', email: 'Grace@example.com' },
      });
      await world.admin('POST', `/repositories/${world.repositoryId}/sync`, undefined, HELD);
      await act(ada, id, 'propose');
      const grace = { user: 'gh', email: 'grace@example.com' };
      await giveRoles(pkgserver.database, 'gh', [{ role: 'approver', repositoryId: world.repositoryId }]);
      expect(await approve(as(await makeToken(pkgserver.database, grace)), id)).toMatchObject(refused);
      expect(await approve(await world.user('henk'), id)).toMatchObject({ status: 200 });
    });

    it('is not deleted by whoever proposed that', async () => {
      const world = await start();
      const [ada, grace] = [await world.user('ada'), await world.user('grace')];
      const id = await draft(world, ada);
      await act(ada, id, 'propose');
      expect((await approve(grace, id)).status).toBe(200);
      await act(ada, id, 'propose-deletion');
      expect(await ada('DELETE', `/package-revisions/${id}`, undefined, HELD)).toMatchObject(refused);
      // Not by way of a deletion that failed and is tried again, either.
      const hook = join(world.remote.path, 'hooks/update');
      await writeFile(hook, '#!/bin/sh\nexit 1\n', { mode: 0o755 });
      expect((await grace('DELETE', `/package-revisions/${id}`, undefined, HELD)).status).toBeGreaterThan(400);
      const [failed] = (await ada('GET', `/operations?repositoryId=${world.repositoryId}&kind=delete`)).body.items;
      expect(await ada('POST', `/operations/${failed?.id}/retry`)).toMatchObject(refused);
      await rm(hook);
      expect((await grace('POST', `/operations/${failed?.id}/retry`)).status).toBe(200);
      expect((await ada('GET', `/operations/${failed?.id}?wait=30`)).body).toMatchObject({ state: 'succeeded' });
      expect(await world.remote.tags()).toEqual([]);
    });
  });

  describe('all at once', () => {
    const publications = (id: string) =>
      pkgserver.database.client.operation.count({ where: { revisionId: id, kind: 'publish' } });

    it('many approvals make one publication', async () => {
      const world = await start({ requiredApprovals: 2 });
      const ada = await world.user('ada');
      const id = await draft(world, ada);
      await act(ada, id, 'propose');
      const approvers = await Promise.all(['g1', 'g2', 'g3', 'g4'].map((who) => world.user(who)));
      const answers = await Promise.all(approvers.map((user) => approve(user, id, undefined, ANY as typeof HELD)));
      expect(answers.filter((answer) => answer.status === 202)).toHaveLength(1);
      expect(await publications(id)).toBe(1);
    });

    it.each([1, 2, 3, 4])('an edit and an approval: what is published was approved (%i)', async () => {
      const world = await start();
      const [ada, grace] = [await world.user('ada'), await world.user('grace')];
      const id = await draft(world, ada);
      const reviewed = await edit(ada, id);
      const { etag } = await act(ada, id, 'propose');
      const [, approved] = await Promise.allSettled([
        rework(ada, id),
        approve(grace, id, undefined, { ...HELD, 'If-Match': `"${etag}"` }),
      ]);
      const { body } = await ada('GET', `/package-revisions/${id}`);
      if (body.lifecycle === 'published') expect(body.tree).toBe(reviewed);
      else expect([approved.status, await world.remote.tags()]).toEqual(['fulfilled', []]);
    });
  });

  it('keeps gates shut until they are open for exactly this content', async () => {
    const world = await start({ readinessGates: ['example.com/scanned'] });
    const [ada, grace] = [await world.user('ada'), await world.user('grace')];
    const scanner = await world.user('scanner', 'checker');
    const id = await draft(world, ada);
    await edit(ada, id, GATED, 'Kptfile');
    const { tree: old } = await act(ada, id, 'propose');
    const missing = { status: 'Unknown', reason: 'NotSet' };
    expect(await approve(grace, id)).toMatchObject({
      status: 409,
      body: {
        code: 'gatesNotMet',
        missing: [
          { type: 'example.com/scanned', ...missing },
          { type: 'tested', ...missing },
        ],
      },
    });
    const set = (type: string, etag: string, user = scanner) =>
      user(
        'PUT',
        `/package-revisions/${id}/conditions/${encodeURIComponent(type)}`,
        { status: 'True', reason: 'Passed' },
        { 'If-Match': `"${etag}"` },
      );
    expect((await set('tested', old, ada)).body.code).toBe('selfApproval');
    expect((await set('tested', old, await world.user('v', 'viewer'))).body.code).toBe('forbidden');
    expect((await set('not a type', old)).body.code).toBe('invalidName');
    expect((await set('tested', old)).body).toMatchObject({ type: 'tested', tree: old, current: true, message: '' });
    expect((await set('example.com/scanned', old)).status).toBe(200);
    await rework(ada, id);
    expect((await set('tested', old)).status).toBe(412);
    expect((await approve(grace, id)).body).toMatchObject({
      code: 'gatesNotMet',
      missing: [{ reason: 'ContentChanged' }, { reason: 'ContentChanged' }],
    });
    const now = (await ada('GET', `/package-revisions/${id}`)).body;
    expect(now.conditions).toMatchObject([{ current: false }, { current: false }]);
    for (const type of ['tested', 'example.com/scanned']) expect((await set(type, now.tree)).status).toBe(200);
    const path = `/package-revisions/${id}/conditions/tested`;
    expect((await scanner('DELETE', path, undefined, ANY)).status).toBe(204);
    expect((await approve(grace, id)).body.missing).toMatchObject([{ type: 'tested' }]);
    await set('tested', now.tree);
    expect(await approve(grace, id)).toMatchObject({ status: 200, body: { conditions: [{}, { current: true }] } });
  });

  it('lets a retried publication through only while it is still approved', async () => {
    const world = await start();
    const [ada, grace] = [await world.user('ada'), await world.user('grace')];
    const id = await draft(world, ada);
    await act(ada, id, 'propose');
    await pushed(ada, id);
    // Drift: somebody wrote the package's directory on the ref meanwhile.
    await world.remote.commit({ files: { 'edge/core/map.yaml': CONFIG_MAP } });
    const failed = await approve(grace, id, undefined, ANY as typeof HELD);
    const operation = `/operations/${failed.body.id}`;
    expect((await ada('GET', `${operation}?wait=30`)).body).toMatchObject({
      state: 'failed',
      error: { code: 'drift' },
    });
    const { items } = (await grace('GET', `/package-revisions/${id}/approvals`)).body;
    expect(items).toMatchObject([{ approvedBy: 'grace', valid: true }]);
    await grace('DELETE', `/package-revisions/${id}/approvals/${items[0]?.id}`, undefined, ANY);
    expect((await ada('POST', `${operation}/retry`)).status).toBe(200);
    expect((await ada('GET', `${operation}?wait=30`)).body).toMatchObject({
      state: 'failed',
      error: { code: 'stateConflict' },
    });
  });

  it('counts an approval while whoever gave it may approve', async () => {
    const world = await start({ requiredApprovals: 2 });
    const [ada, bob, carol] = [await world.user('ada'), await world.user('bob', 'approver'), await world.user('carol')];
    const id = await draft(world, ada);
    await act(ada, id, 'propose');
    expect((await approve(bob, id)).body).toMatchObject({ lifecycle: 'proposed' });
    const roles = pkgserver.database.client.roleBinding;
    const { repositoryId } = world;
    await roles.deleteMany({ where: { subject: 'bob', repositoryId } });
    const state = async () => (await ada('GET', `/package-revisions/${id}/approvals`)).body;
    const lost = { approvedBy: 'bob', valid: false, invalidReason: 'noRole' };
    expect(await state()).toMatchObject({ items: [lost], missing: 2 });
    expect((await approve(carol, id)).body).toMatchObject({ lifecycle: 'proposed' });
    expect(await state()).toMatchObject({ items: [lost, { approvedBy: 'carol', valid: true }], missing: 1 });
    expect(await world.remote.tags()).toEqual([]);

    // As it is again with the role; and what was let through is judged once more when it is retried.
    await giveRoles(pkgserver.database, 'bob', [{ role: 'approver', repositoryId, path: 'edge/**' }]);
    expect(await state()).toMatchObject({ items: [{ approvedBy: 'bob', valid: true }, {}], missing: 0 });
    await pushed(ada, id);
    await world.remote.commit({ files: { 'edge/core/map.yaml': CONFIG_MAP } });
    expect((await approve(carol, id)).body).toMatchObject({ code: 'drift' });
    await roles.deleteMany({ where: { subject: 'bob', repositoryId } });
    const [failed] = (await ada('GET', `/operations?repositoryId=${repositoryId}&kind=publish`)).body.items;
    expect((await carol('POST', `/operations/${failed?.id}/retry`, undefined, HELD)).status).toBe(200);
    expect((await ada('GET', `/operations/${failed?.id}?wait=30`)).body.error).toMatchObject({ code: 'stateConflict' });
  });

  it('retries by the right of whoever retries, and a broken glass by whoever broke it alone', async () => {
    const world = await start({ requiredApprovals: 2 });
    const [ada, eve] = [await world.user('ada'), await world.user('eve', 'author')];
    const id = await draft(world, ada);
    await act(ada, id, 'propose');
    await pushed(ada, id);
    await world.remote.commit({ files: { 'edge/core/map.yaml': CONFIG_MAP } });
    expect((await approve(world.admin, id, { breakGlass: { reason: 'Outage.' } })).body).toMatchObject({
      code: 'drift',
    });
    const [failed] = (await ada('GET', `/operations?repositoryId=${world.repositoryId}&kind=publish`)).body.items;
    const retry = `/operations/${failed?.id}/retry`;
    const refusal = (permission: string) => ({ status: 403, body: { code: 'forbidden', permission } });
    expect(await eve('POST', retry)).toMatchObject(refusal('packageRevisions.approve'));
    expect(await ada('POST', retry)).toMatchObject(refusal('packageRevisions.breakGlass'));
    const other = as(await signIn(pkgserver.database, 'other-root', { role: 'admin' }));
    expect(await other('POST', retry)).toMatchObject(refusal('packageRevisions.breakGlass'));
    expect((await world.admin('POST', retry)).status).toBe(200);
    expect((await ada('GET', `/operations/${failed?.id}?wait=30`)).body.error).toMatchObject({ code: 'drift' });
  });

  it('holds a proposal to the policy under which it was made, and writes down every change of a policy', async () => {
    const world = await start({ requiredApprovals: 2, readinessGates: ['scanned'] });
    const [ada, grace] = [await world.user('ada'), await world.user('grace')];
    const id = await draft(world, ada);
    await act(ada, id, 'propose');
    const path = `/repositories/${world.repositoryId}`;
    const easy = { requiredApprovals: 1, selfApproval: true, readinessGates: ['other'] };
    expect((await ada('PATCH', path, { policy: easy }, ANY)).status).toBe(200);
    expect((await approve(ada, id)).body).toMatchObject({ code: 'selfApproval' });
    const { body: state } = await grace('GET', `/package-revisions/${id}/approvals`);
    expect(state).toMatchObject({ required: 2, missing: 2 });
    expect((state.gates as unknown as { type: string }[]).map(({ type }) => type)).toEqual(['other', 'scanned']);
    const query = `repositoryId=${world.repositoryId}&action=repository.policyChanged`;
    const { items } = (await world.admin('GET', `/audit-entries?${query}`)).body;
    const told = items.map(({ actor, reason, before, after }: Body) => ({ actor, reason, before, after }));
    const entry = (setting: string, before: string | null, after: string | null) => ({
      ...{ actor: 'ada', reason: `policy.${setting} of ${world.name}`, before, after },
    });
    expect(told).toHaveLength(4);
    expect(told).toEqual(
      expect.arrayContaining([
        entry('requiredApprovals', '2', '1'),
        entry('selfApproval', 'false', 'true'),
        entry('readinessGates', 'scanned', null),
        entry('readinessGates', null, 'other'),
      ]),
    );
    // A stricter policy holds for it as well; what is proposed anew is held to the present one.
    expect((await ada('PATCH', path, { policy: { ...easy, requiredApprovals: 3 } }, ANY)).status).toBe(200);
    expect((await grace('GET', `/package-revisions/${id}/approvals`)).body).toMatchObject({ required: 3 });
    expect((await ada('PATCH', path, { policy: { ...easy, readinessGates: [] } }, ANY)).status).toBe(200);
    await rework(ada, id);
    expect(await approve(ada, id)).toMatchObject({ status: 200, body: { revision: 'v1' } });
  });

  it('breaks the glass, and says so for good', async () => {
    const world = await start({ requiredApprovals: 2, readinessGates: ['scanned'] });
    const [ada, grace] = [await world.user('ada'), await world.user('grace')];
    const id = await draft(world, ada);
    await act(ada, id, 'propose');
    const breakGlass = { reason: 'Outage 4711: nobody else is awake.' };
    expect((await approve(grace, id, { breakGlass })).body).toMatchObject({
      code: 'forbidden',
      permission: 'packageRevisions.breakGlass',
    });
    expect((await approve(world.admin, id, { breakGlass: {} })).status).toBe(422);
    const { body } = await approve(world.admin, id, { breakGlass });
    const by = body.publishedBy as string;
    expect(body).toMatchObject({ lifecycle: 'published', breakGlass: { by, ...breakGlass, at: body.publishedAt } });
    expect(await trailersOf(world.remote, 'edge/core/v1', 'Break-glass')).toEqual([breakGlass.reason]);
    expect(await trailersOf(world.remote, 'edge/core/v1', 'Approved-by')).toEqual([by]);
    const entries = await pkgserver.database.client.auditEntry.findMany({
      where: { resourceId: id, reason: { not: null }, outcome: 'succeeded' },
      orderBy: { id: 'asc' },
    });
    expect(entries.map(({ action, actor, reason }) => [action, actor, reason])).toEqual([
      ['approvePackageRevision', by, `Break-glass: ${breakGlass.reason}`],
      ['packageRevision.published', by, `Break-glass: ${breakGlass.reason}`],
    ]);
  });

  it('knows authors and broken glass also after the database was lost', async () => {
    const world = await start();
    const [ada, bob, ines] = [await world.user('ada'), await world.user('bob'), await world.user('ines')];
    const first = await draft(world, ada);
    await act(ada, first, 'propose');
    const breakGlass = { reason: 'Outage' };
    const published = (await approve(world.admin, first, { breakGlass })).body;
    const body = { repositoryId: world.repositoryId, workspace: 'two', source: { type: 'copy', revisionId: first } };
    const { id } = (await ada('POST', '/package-revisions', body)).body;
    await pushed(ada, id);
    await edit(bob, id);
    await pushed(ada, id);
    // Labels make nobody an author.
    const grace = await world.user('grace');
    await grace('PATCH', `/package-revisions/${id}`, { labels: { team: 'x' } }, ANY);
    await act(ines, id, 'propose');
    await pushed(ada, id);
    await world.remote.commit({
      branch: 'proposed/edge/core/two',
      files: { 'edge/core/theirs.yaml': CONFIG_MAP },
      author: { name: 'zoe', email: 'zoe@example.com' },
    });

    const other = await startPkgserver({ AUTH: 'required' });
    try {
      const admin = as(await signIn(other.database, 'root', { role: 'admin' }), other);
      const repositoryId = await register(admin, world.name, world.url, {});
      const list = (await admin('GET', '/package-revisions')).body.items;
      expect(list).toMatchObject([
        { lifecycle: 'published', breakGlass: published.breakGlass },
        { lifecycle: 'proposed', createdBy: 'ada', breakGlass: null },
      ]);
      const again = list[1]?.id as string;
      for (const who of ['ada', 'bob', 'ines', 'zoe']) {
        const author = as(await signIn(other.database, who, { role: 'repositoryAdmin', repositoryId }), other);
        expect(await approve(author, again)).toMatchObject({ status: 403, body: { code: 'selfApproval' } });
      }
      // Nobody here has the address of zoe's commits.
      const second = as(await signIn(other.database, 'henk', { role: 'approver', repositoryId }), other);
      expect(await approve(second, again)).toMatchObject({ status: 200, body: { revision: null } });
      const reviewer = as(await signIn(other.database, 'grace', { role: 'approver', repositoryId }), other);
      expect(await approve(reviewer, again)).toMatchObject({ status: 200, body: { revision: 'v2' } });
    } finally {
      await other.stop();
    }
  });

  it('takes and shows the policy of a repository', async () => {
    const world = await start();
    const path = `/repositories/${world.repositoryId}`;
    const standard = {
      requiredApprovals: 1,
      selfApproval: false,
      authors: ['creator', 'editors', 'proposer'],
      readinessGates: [],
    };
    expect((await world.admin('GET', path)).body.policy).toEqual(standard);
    const patch = async (policy: unknown) => (await world.admin('PATCH', path, { policy }, ANY)).body.policy;
    expect(await patch({ requiredApprovals: 2, readinessGates: ['a/b'] })).toEqual({
      ...standard,
      requiredApprovals: 2,
      readinessGates: ['a/b'],
    });
    expect(await patch({ selfApproval: true, requiredApprovals: null })).toEqual({
      ...standard,
      selfApproval: true,
      readinessGates: ['a/b'],
    });
    expect(await patch(null)).toEqual(standard);
    const author = await world.user('ada', 'author');
    expect((await author('PATCH', path, { policy: null }, ANY)).body.code).toBe('forbidden');
    for (const policy of [
      { requiredApprovals: 0 },
      { requiredApprovals: 11 },
      { authors: [] },
      { readinessGates: ['a b'] },
    ]) {
      expect((await world.admin('PATCH', path, { policy }, ANY)).status).toBe(422);
    }
  });
});
