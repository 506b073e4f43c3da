import { afterEach, describe, expect, it } from 'vitest';
import { AccessStore } from '../../src/access/access.store.js';
import { isPublication } from '../../src/features/package-revisions/release/approval.service.js';
import { toRevisionResponse } from '../../src/features/package-revisions/package-revision.view.js';
import { PackageRevisionStore } from '../../src/revisions/package-revision.store.js';
import { BOB } from '../support/git-fixture.js';
import { PublishingWorld } from '../support/publishing.js';
import { giveRoles } from '../support/sign-in.js';
import { someone, verified } from '../support/service-callers.js';

const ANY = { ifMatch: '*' };
const CONFIG_MAP = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: example\n';
const EVE = { name: 'Eve', email: 'eve@home.example.com' };

let world: PublishingWorld;
afterEach(() => world?.stop());

async function start(policy: object = {}, deployment = true): Promise<void> {
  world = await PublishingWorld.start({ deployment, settings: { AUTH: 'required' } });
  for (const user of ['grace', 'mallory', 'robert']) await giveRoles(world.database, user, [{ role: 'approver' }]);
  await giveRoles(world.database, 'root', [{ role: 'admin' }]);
  await world.database.client.repository.updateMany({ data: { policy } });
}

/** A proposal that holds a commit which somebody has pushed to the draft's branch. */
async function proposal(author = EVE, message?: string): Promise<string> {
  const { id } = await world.init('core', 'one', { target: 'edge' });
  await world.visit();
  await push('drafts/edge/core/one', author, message);
  await world.propose(id);
  await world.visit();
  return id;
}

async function push(branch: string, author = EVE, message = 'Theirs\n', file = 'theirs.yaml'): Promise<void> {
  await world.remote.commit({ branch, files: { [`edge/core/${file}`]: CONFIG_MAP }, author, message });
  await world.visitNow();
}

const know = (user: string, email: string | null) =>
  world.get(AccessStore).noteIdentity({ user, email, name: null, groups: [] }, new Date());
const approve = (id: string, user: string) => world.approvals.approve(id, verified(user), ANY);
const stateOf = (id: string) => world.approvals.stateOf(id, verified('zoe'));
const only = () => world.database.client.packageRevision.findFirstOrThrow({ where: { workspace: 'one' } });
async function mark(id: string) {
  const row = await world.get(PackageRevisionStore).find(id);
  if (row === null) throw new Error(`${id} is gone`);
  return toRevisionResponse(row, verified('zoe')).conditions.find(({ type }) => type === 'Unattributed');
}

/** Forgets what the index knows of the revisions, and reads them again. */
async function rebuild(): Promise<string> {
  await world.database.client.operation.deleteMany();
  await world.database.client.packageRevision.deleteMany();
  await world.database.client.remoteRef.deleteMany();
  await world.database.client.repositoryPolling.updateMany({ data: { refsDigest: null } });
  await world.visitNow();
  return (await only()).id;
}

describe('a proposal with commits of somebody whom the service does not know', () => {
  it('is marked, and needs one approval more than the policy says', async () => {
    await start();
    const id = await proposal();
    expect(await mark(id)).toMatchObject({
      status: 'True',
      reason: 'UnknownAuthors',
      message: expect.stringContaining('Eve <eve@home.example.com>'),
    });
    expect(await stateOf(id)).toMatchObject({ required: 2, missing: 2 });
    expect(isPublication(await approve(id, 'mallory'))).toBe(false);
    await world.visit();
    expect(await world.tags()).toEqual([]);
    expect(isPublication(await approve(id, 'grace'))).toBe(true);
    await world.visit();
    expect(await world.tags()).toEqual(['edge/core/v1']);
    expect(await mark(id)).toBeUndefined();
  });

  it('is none where the address is that of a user, whose own approval then does not count', async () => {
    await start();
    const id = await proposal(BOB);
    expect((await stateOf(id)).required).toBe(2);
    await know('robert', 'Bob@Example.com');
    expect(await mark(id)).toBeUndefined();
    expect((await stateOf(id)).required).toBe(1);
    // By an API token that an administrator has made for them, which has no address.
    await expect(approve(id, 'robert')).rejects.toMatchObject({ code: 'selfApproval' });
    expect(isPublication(await approve(id, 'grace'))).toBe(true);
  });

  it('does not count what its author approved before the service knew them', async () => {
    await start({ requiredApprovals: 2 });
    const id = await proposal(BOB);
    await approve(id, 'robert');
    await know('robert', BOB.email);
    expect(await stateOf(id)).toMatchObject({ required: 2, missing: 2, approvals: [{ notCounted: 'ownWork' }] });
  });

  it('stays one where only the name is that of a user, or the address is not verified', async () => {
    await start();
    await know('eve', null);
    await know('Eve', 'eve@work.example.com');
    const id = await proposal();
    expect((await stateOf(id)).required).toBe(2);
  });

  it('is judged by whom the service knows when it is published', async () => {
    await start();
    await know('robert', BOB.email);
    const id = await proposal(BOB);
    const operation = await approve(id, 'grace');
    expect(isPublication(operation)).toBe(true);
    await know('robert', null);
    await world.visit();
    expect((await world.operation(operation.id)).error).toMatchObject({ code: 'stateConflict' });
    expect(await world.tags()).toEqual([]);
    await know('robert', BOB.email);
    await world.operations.retry(operation.id, someone('root'));
    await world.visit();
    expect(await world.tags()).toEqual(['edge/core/v1']);
  });

  it('becomes one by a commit that comes after it was proposed, and after it was approved', async () => {
    await start();
    const { id } = await world.init('core', 'one', { target: 'edge' });
    await world.propose(id);
    await world.visit();
    expect((await stateOf(id)).required).toBe(1);
    await push('proposed/edge/core/one');
    expect(await stateOf(id)).toMatchObject({ required: 2, missing: 2 });
  });

  it('is one for committers, co-authors, and commits that only claim to be the service’s', async () => {
    await start();
    await know('robert', BOB.email);
    const id = await proposal(BOB, 'Theirs\n\nCo-authored-by: Eve <eve@home.example.com>\n');
    expect((await mark(id))?.message).toContain('Eve <eve@home.example.com>');
    await push(
      'proposed/edge/core/one',
      { name: 'ada', email: 'ada@localhost' },
      [
        'Draft edge/core/one\n\nPackage: edge/core\nWorkspace: one\nCreated-by: ada\nEdited-by: ada\n',
        'Seal: AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n',
      ].join(''),
      'more.yaml',
    );
    expect((await mark(id))?.message).toContain('ada <ada@localhost>');
    const tip = await world.remote.revParse('proposed/edge/core/one');
    const commit = await world.git(
      ...['-c', 'user.name=Carol', '-c', 'user.email=carol@example.com', 'commit-tree', `${tip}^{tree}`, '-p', tip],
      ...['-m', 'Same'],
    );
    await world.git('update-ref', 'refs/heads/proposed/edge/core/one', commit);
    await world.visitNow();
    expect((await mark(id))?.message).toContain('Carol <carol@example.com>');
  });

  it('is one again after the index was made again, while the service’s own commits are nobody’s doubt', async () => {
    await start();
    const id = await proposal();
    const before = await only();
    const again = await rebuild();
    expect((await only()).gitAuthors).toEqual(before.gitAuthors);
    expect(before.gitAuthors).toEqual(['Eve <eve@home.example.com>']);
    expect((await mark(again))?.message).toContain('Eve <eve@home.example.com>');
    expect(again).not.toBe(id);
    expect((await stateOf(again)).required).toBe(2);
  });

  it('is published by breaking the glass, and where names prove nothing', async () => {
    await start();
    const id = await proposal();
    expect((await world.approvals.stateOf(id, someone('zoe'))).required).toBe(1);
    const root = verified('root', { role: 'admin' });
    await world.approvals.approve(id, root, ANY, { breakGlass: { reason: 'Outage' } });
    await world.visit();
    expect(await world.tags()).toEqual(['edge/core/v1']);
  });

  it('needs two where a catalog asks for one, and anybody’s counts', async () => {
    await start({}, false);
    const { id } = await world.init('core');
    await world.visit();
    await world.remote.commit({ branch: 'drafts/core/one', files: { 'core/x.yaml': CONFIG_MAP }, author: EVE });
    await world.propose(id);
    await world.visitNow();
    expect((await stateOf(id)).required).toBe(2);
  });
});
