import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { policyOf } from '../../src/domain/release-policy.js';
import { isPublication } from '../../src/features/package-revisions/release/approval.service.js';
import { GitSeal } from '../../src/operations/sync/git-seal.js';
import { someone, verified } from '../support/service-callers.js';
import { BOB } from '../support/git-fixture.js';
import { PublishingWorld } from '../support/publishing.js';

const ANY = { ifMatch: '*' };
const EVE = { name: 'Eve', email: 'eve@example.com' };
const CONFIG_MAP = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: example\n';

let world: PublishingWorld;
afterEach(() => world?.stop());

async function start(requiredApprovals = 1): Promise<void> {
  world = await PublishingWorld.start({ deployment: true });
  const policy = { requiredApprovals };
  await world.database.client.repository.updateMany({ data: { policy } });
  expect(policyOf({ deployment: true, policy }).selfApproval).toBe(false);
}

const commit = (branch: string, author = BOB, file = 'theirs.yaml') =>
  world.remote.commit({ branch, files: { [`edge/core/${file}`]: CONFIG_MAP }, author });
const draft = () => world.init('core', 'one', { target: 'edge' });
const approve = (id: string, user: string, email: string | null = null) =>
  world.approvals.approve(id, verified(user, { email }), ANY);

/** Forgets what the index knows of the revisions, and reads them again. */
async function rebuild(): Promise<void> {
  await world.database.client.operation.deleteMany();
  await world.database.client.packageRevision.deleteMany();
  await world.database.client.remoteRef.deleteMany();
  await world.database.client.repositoryPolling.updateMany({ data: { refsDigest: null } });
  await world.visitNow();
}
const only = () => world.database.client.packageRevision.findFirstOrThrow({ where: { workspace: 'one' } });
const people = ({ createdBy, editors, proposedBy }: Awaited<ReturnType<typeof only>>) => ({
  createdBy,
  editors: [...editors].sort(),
  proposedBy,
});

/** A draft of ada's, which hal and ivy edit and pam proposes. */
async function proposed(): Promise<void> {
  const { id } = await draft();
  await world.visit();
  await world.edit(id, { 'a.yaml': 'a: 1\n' }, 'hal');
  await world.visit();
  await world.edit(id, { 'a.yaml': 'a: 2\n' }, 'ivy');
  await world.lifecycle.propose(id, 'pam');
  await world.visit();
}

/** What the identity provider has said of people: the full name of one is the user name of another. */
const state = (names: Record<string, string>) =>
  world.database.client.knownUser.createMany({
    data: Object.entries(names).map(([user, name]) => ({ user, name, groups: [], statedAt: new Date() })),
  });

describe('people whose commits bear their full names', () => {
  it.each(['with', 'without'])('are the same users after the index was made again, %s the key', async (key) => {
    await start();
    await state({ ada: 'Ada King', hal: 'pam', ivy: 'Ivy Doe', pam: 'Pam Doe', grace: 'hal' });
    await proposed();
    const [ref] = await world
      .git('for-each-ref', '--format=%(refname)', 'refs/heads/proposed', 'refs/heads/drafts')
      .then((refs) => refs.split('\n'));
    expect((await world.git('log', '--format=%an', `main..${ref}`)).split('\n')).toEqual([
      'Ivy Doe',
      'pam',
      'Ada King',
    ]);
    const before = people(await only());
    expect(before).toEqual({ createdBy: 'ada', editors: ['hal', 'ivy'], proposedBy: 'pam' });
    if (key === 'without') Object.assign(world.get(GitSeal), { keys: [randomBytes(32)] });
    await rebuild();
    const after = people(await only());
    if (key === 'with') expect(after).toEqual(before);
    // What nobody can tell from a forgery adds authors, and takes none away.
    else
      expect(after).toMatchObject({
        createdBy: 'ada',
        editors: expect.arrayContaining(['hal', 'ivy']),
        proposedBy: 'pam',
      });
    // An author by Git's word for it cannot approve either.
    await expect(approve((await only()).id, 'hal')).rejects.toMatchObject({ code: 'selfApproval' });
  });

  it('have published what the index says after it was made again', async () => {
    await start();
    await state({ ada: 'Ada King', grace: 'ada' });
    const { id } = await draft();
    await world.visit();
    await world.lifecycle.propose(id, 'ada');
    await world.visit();
    await approve(id, 'grace');
    await world.visit();
    const before = await only();
    expect(before).toMatchObject({ lifecycle: 'published', publishedBy: 'grace' });
    await rebuild();
    expect(await only()).toMatchObject({ publishedBy: 'grace', external: false, lastDecision: before.lastDecision });
  });
});

describe('the people behind a draft', () => {
  it('are the same after the index was made again', async () => {
    await start();
    await proposed();
    const before = people(await only());
    expect(before).toEqual({ createdBy: 'ada', editors: ['hal', 'ivy'], proposedBy: 'pam' });
    await rebuild();
    expect(people(await only())).toEqual(before);
    await world.lifecycle.reject((await only()).id, 'grace', undefined, 'Too few replicas.');
    await world.visit();
    const { lastDecision } = await only();
    expect(lastDecision).toMatchObject({ by: 'grace', action: 'reject', comment: 'Too few replicas.' });
    await rebuild();
    expect(people(await only())).toEqual({ ...before, proposedBy: null });
    expect((await only()).lastDecision).toEqual(lastDecision);
    // It is still told by the commits that come after it.
    await world.edit((await only()).id, { 'a.yaml': 'a: 3\n' }, 'ivy');
    await world.visit();
    await rebuild();
    expect((await only()).lastDecision).toEqual(lastDecision);
  });

  it('include all who pushed to its branch, also through merges, and none of those who wrote the ref', async () => {
    await start();
    await world.remote.commit({ files: { 'other.txt': 'x' }, author: { name: 'Mallory', email: 'm@example.com' } });
    await world.visitNow();
    const { id } = await draft();
    await world.visit();
    await commit('drafts/edge/core/one', BOB);
    await world.remote.branch('side', 'drafts/edge/core/one');
    await commit('side', EVE, 'side.yaml');
    const merge = await world.git(
      ...['-c', 'user.name=Merger', '-c', 'user.email=merger@example.com', 'commit-tree', 'side^{tree}', '-m', 'Merge'],
      ...['-p', 'drafts/edge/core/one', '-p', 'side', '-p', 'main'],
    );
    await world.git('update-ref', 'refs/heads/drafts/edge/core/one', merge);
    await world.git('update-ref', '-d', 'refs/heads/side');
    await world.visitNow();
    const expected = {
      createdBy: 'ada',
      editors: ['Bob Example', 'Eve', 'Merger', 'bob@example.com', 'eve@example.com', 'merger@example.com'],
      proposedBy: null,
    };
    expect(people(await world.row(id))).toEqual(expected);
    await world.propose(id);
    await expect(approve(id, 'eve')).rejects.toMatchObject({ code: 'selfApproval' });
    await expect(approve(id, 'm', 'merger@example.com')).rejects.toMatchObject({ code: 'selfApproval' });
    await world.visit();
    await rebuild();
    expect(people(await only())).toEqual({ ...expected, proposedBy: 'ada' });
  });

  it('include the other side of a conflict', async () => {
    await start();
    const { id } = await draft();
    await world.visit();
    await commit('drafts/edge/core/one', EVE);
    await world.edit(id, { 'a.yaml': 'a: 1\n' }, 'hal');
    await world.visitNow();
    expect(await world.row(id)).toMatchObject({ gitState: 'conflict', editors: ['hal', 'Eve', 'eve@example.com'] });
    await world.resolve(id, 'remote');
    await world.propose(id);
    await expect(approve(id, 'Eve')).rejects.toMatchObject({ code: 'selfApproval' });
  });

  it('cannot be hidden by what a later commit claims', async () => {
    await start();
    const { id } = await draft();
    await world.edit(id, { 'a.yaml': 'a: 1\n' }, 'hal');
    await world.visit();
    await world.remote.commit({
      branch: 'drafts/edge/core/one',
      files: { 'edge/core/b.yaml': CONFIG_MAP },
      author: EVE,
      message: 'Draft\n\nPackage: edge/core\nWorkspace: one\nCreated-by: nobody\nEdited-by: nobody\n',
    });
    await world.visitNow();
    await rebuild();
    const { createdBy, editors } = await only();
    expect([createdBy, ...editors]).toEqual(expect.arrayContaining(['ada', 'hal', 'Eve']));
  });
});

describe('approvals', () => {
  it('are void once somebody pushed other content', async () => {
    await start(2);
    const { id } = await draft();
    await world.propose(id);
    await world.visit();
    expect(isPublication(await approve(id, 'grace'))).toBe(false);
    const { version } = await world.row(id);
    await commit('proposed/edge/core/one', EVE);
    await world.visitNow();
    expect((await world.row(id)).version).toBe(version + 1);
    expect(await world.approvals.stateOf(id, verified('grace'))).toMatchObject({
      // Nobody here has the address of whoever pushed.
      missing: 3,
      approvals: [{ notCounted: 'changed', approval: { voidReason: 'changed' } }],
    });
    expect(isPublication(await approve(id, 'henk'))).toBe(false);
  });

  it('are void once somebody took the proposal back in Git', async () => {
    await start(2);
    const { id } = await draft();
    await world.propose(id);
    await world.visit();
    await approve(id, 'grace');
    await world.remote.branch('drafts/edge/core/one', 'proposed/edge/core/one');
    await world.remote.deleteRef('refs/heads/proposed/edge/core/one');
    await world.visitNow();
    expect(await world.row(id)).toMatchObject({ lifecycle: 'draft', proposedBy: null });
    expect((await world.approvals.stateOf(id, verified('grace'))).approvals).toMatchObject([
      { notCounted: 'rejected' },
    ]);
  });

  it('are looked at again by whoever publishes', async () => {
    await start();
    const { id } = await draft();
    await world.propose(id);
    const operation = await approve(id, 'grace');
    await world.database.client.approval.updateMany({ data: { voidedAt: new Date(), voidReason: 'withdrawn' } });
    await world.visit();
    expect(await world.operation(operation.id)).toMatchObject({ state: 'failed', error: { code: 'stateConflict' } });
    expect(await world.tags()).toEqual([]);
  });

  it('that broke the glass do so once: not after the proposal was rejected', async () => {
    await start();
    const { id } = await draft();
    await world.propose(id);
    await world.visit();
    await commit('main', EVE);
    const root = verified('root', { role: 'admin' });
    const operation = await world.approvals.approve(id, root, ANY, { breakGlass: { reason: 'Outage' } });
    await world.visitNow();
    expect((await world.operation(operation.id)).error).toMatchObject({ code: 'drift' });
    await world.lifecycle.reject(id, 'ada');
    await world.rebase(id);
    await world.propose(id);
    await world.operations.retry(operation.id, someone('root'));
    await world.visitNow();
    expect((await world.operation(operation.id)).error).toMatchObject({ code: 'stateConflict' });
    expect(await world.tags()).toEqual([]);
  });

  it('do not suffice where a gate was shut since, or more of them are asked for', async () => {
    await start();
    const { id } = await draft();
    await world.propose(id);
    const operation = await approve(id, 'grace');
    const payload = (await world.operation(operation.id)).payload as object;
    const change = (data: object) =>
      world.database.client.operation.update({
        where: { id: operation.id },
        data: { payload: { ...payload, ...data } },
      });
    await change({ gates: ['scanned'] });
    await world.visit();
    expect((await world.operation(operation.id)).error).toMatchObject({ code: 'gatesNotMet' });
    await change({});
    await world.database.client.repository.updateMany({ data: { policy: { requiredApprovals: 2 } } });
    await world.operations.retry(operation.id, someone('root'));
    await world.visit();
    expect((await world.operation(operation.id)).error).toMatchObject({ code: 'stateConflict' });
    await world.database.client.repository.updateMany({ data: { policy: {} } });
    await world.operations.retry(operation.id, someone('root'));
    await world.visit();
    expect((await world.operation(operation.id)).state).toBe('succeeded');
  });
});
