import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { PublishingWorld, type WorldOptions } from '../support/publishing.js';
import { someone } from '../support/service-callers.js';

const ONE_BY_ONE: WorldOptions = { remote: { 'receive.advertiseAtomic': 'false' } };

let world: PublishingWorld;
const start = async (options: WorldOptions = {}) => (world = await PublishingWorld.start(options));
afterEach(() => world?.stop());

/** Cuts the connection after the remote took in the `n`-th push request (on an atomic remote there is one). */
function cutAfterPush(n = 1): void {
  let pushes = 0;
  world.server.onRequest(({ service, method, phase }) => {
    if (service !== 'git-receive-pack' || method !== 'POST' || phase !== 'after') return;
    pushes += 1;
    return pushes === n ? 'drop' : undefined;
  });
}

async function expectPublishedOnce(id: string, operationId: string): Promise<void> {
  world.server.onRequest(null);
  await world.visitNow();
  expect(await world.operation(operationId)).toMatchObject({ state: 'succeeded', waitingFor: null });
  const row = await world.row(id);
  expect(row).toMatchObject({
    lifecycle: 'published',
    revision: 'v1',
    tag: 'core/v1',
    branch: null,
    publishedBy: 'grace',
  });
  expect(await world.refs()).toEqual(['heads/main', 'tags/core/v1']);
  expect(await world.git('rev-list', '--first-parent', '--count', 'main')).toBe('2');
  expect(await world.git('rev-parse', 'core/v1^{}')).toBe(row.commit);
  expect(await world.git('rev-parse', 'main:core')).toBe(row.tree);
  expect(await world.database.client.packageRevision.count()).toBe(1);
  expect(await world.unfinished()).toBe(0);
  await world.remote.check();
}

/** Somebody's own version of the package takes the place of what was published. */
async function takeTag(): Promise<void> {
  const bob = ['-c', 'user.name=Bob', '-c', 'user.email=bob@example.com'];
  const theirs = await world.git(...bob, 'commit-tree', '-m', 'Mine', 'main^{tree}');
  await world.git('update-ref', 'refs/tags/core/v1', theirs);
}

describe('a publication that was cut short', () => {
  it('after the push was accepted, unheard, is not done twice', async () => {
    await start();
    const draft = await world.init('core');
    await world.visit();
    const operation = await world.proposeAndApprove(draft.id);
    cutAfterPush();
    await world.visit();
    expect(await world.operation(operation.id)).toMatchObject({ state: 'running', attempts: 1 });
    await expectPublishedOnce(draft.id, operation.id);
  });

  it('in the closing transaction is not done twice', async () => {
    await start();
    const draft = await world.init('core');
    const operation = await world.proposeAndApprove(draft.id);
    // The database refuses the last statement, as it does when it goes away at that moment.
    await world.database.client.$executeRawUnsafe(
      `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'gone'; END $$`,
    );
    await world.database.client.$executeRawUnsafe(
      `CREATE TRIGGER refuse BEFORE UPDATE ON operation FOR EACH ROW WHEN (new.state = 'succeeded') EXECUTE FUNCTION refuse()`,
    );
    await world.visit();
    expect(await world.row(draft.id)).toMatchObject({ lifecycle: 'proposed', revision: null });
    expect(await world.operation(operation.id)).toMatchObject({ state: 'running' });
    await world.database.client.$executeRawUnsafe('DROP TRIGGER refuse ON operation');
    await expectPublishedOnce(draft.id, operation.id);
  });

  it('by the loss of mirror and lease after the push is not done twice', async () => {
    await start();
    const draft = await world.init('core');
    const operation = await world.proposeAndApprove(draft.id);
    world.server.onRequest(async ({ service, method, phase }) => {
      if (service !== 'git-receive-pack' || method !== 'POST' || phase !== 'after') return;
      await world.database.client.lease.updateMany({ data: { holder: randomUUID(), expiresAt: new Date(0) } });
    });
    await world.visit();
    await world.engine.dropMirror(world.repository.id);
    await expectPublishedOnce(draft.id, operation.id);
  });

  it.each([
    ['removes', () => world.git('update-ref', '-d', 'refs/tags/core/v1')],
    ['moves', () => world.git('update-ref', 'refs/tags/core/v1', 'main~1')],
  ])('has been done, also where somebody %s its tag before anybody sees it', async (_, meddle) => {
    await start();
    const draft = await world.init('core');
    await world.visit();
    await world.propose(draft.id);
    await world.visit();
    const operation = await world.approve(draft.id);
    cutAfterPush();
    await world.visit();
    world.server.onRequest(null);
    await meddle();
    const refs = await world.refs();
    await world.visitNow();
    expect(await world.operation(operation.id)).toMatchObject({
      state: 'succeeded',
      result: {
        resource: { id: draft.id },
        revision: 'v1',
        tag: 'core/v1',
        commit: await world.git('rev-parse', 'main'),
      },
    });
    expect(await world.refs()).toEqual(refs);
    expect(await world.git('rev-list', '--first-parent', '--count', 'main')).toBe('2');
    expect(await world.database.client.packageRevision.count({ where: { id: draft.id } })).toBe(0);
  });

  it('has been done, also where somebody moves its tag after a sync has seen it', async () => {
    await start();
    const draft = await world.init('core');
    const operation = await world.proposeAndApprove(draft.id);
    cutAfterPush();
    await world.visit();
    world.server.onRequest(null);
    await world.database.client.operation.update({ where: { id: operation.id }, data: { state: 'failed' } });
    await world.visitNow();
    expect(await world.row(draft.id)).toMatchObject({ lifecycle: 'published', revision: 'v1' });
    await takeTag();
    await world.visitNow();
    const row = await world.row(draft.id);
    await world.operations.retry(operation.id, someone('root'));
    await world.visitNow();
    expect(await world.operation(operation.id)).toMatchObject({
      state: 'succeeded',
      result: { revision: 'v1', tag: 'core/v1', commit: await world.git('rev-parse', 'main') },
    });
    expect(await world.row(draft.id)).toMatchObject({ commit: row.commit, conditions: [{ reason: 'TagMoved' }] });
    expect(await world.git('rev-list', '--first-parent', '--count', 'main')).toBe('2');
  });

  it('has been done, also where somebody moves the tag of a draft whose branch was never pushed', async () => {
    await start();
    const draft = await world.init('core');
    const operation = await world.proposeAndApprove(draft.id);
    cutAfterPush();
    await world.visit();
    world.server.onRequest(null);
    await takeTag();
    await world.visitNow();
    expect(await world.operation(operation.id)).toMatchObject({
      state: 'succeeded',
      result: { revision: 'v1', tag: 'core/v1', commit: await world.git('rev-parse', 'main') },
    });
    expect(await world.git('rev-list', '--first-parent', '--count', 'main')).toBe('2');
    expect(await world.refs()).toEqual(['heads/main', 'tags/core/v1']);
    const rows = await world.database.client.packageRevision.findMany();
    expect(rows).toMatchObject([{ revision: 'v1', commit: await world.git('rev-parse', 'core/v1') }]);
    expect(await world.unfinished()).toBe(0);
  });

  it.each([
    ['between tag and ref', 1],
    ['between ref and branch deletion', 2],
    ['after the branch deletion', 3],
  ])('%s, on a remote that changes refs one by one, is finished', async (_, pushes) => {
    await start(ONE_BY_ONE);
    const draft = await world.init('core');
    await world.visit();
    await world.propose(draft.id);
    await world.visit();
    const operation = await world.approve(draft.id);
    cutAfterPush(pushes);
    await world.visit();
    await expectPublishedOnce(draft.id, operation.id);
  });

  it('between tag and ref is too far to be cancelled, also after a retry that was asked for', async () => {
    await start(ONE_BY_ONE);
    const draft = await world.init('core');
    await world.visit();
    const operation = await world.proposeAndApprove(draft.id);
    cutAfterPush(1);
    await world.visit();
    await world.database.client.operation.update({ where: { id: operation.id }, data: { state: 'failed' } });
    await world.operations.retry(operation.id, someone('root'));
    await world.database.client.operation.update({ where: { id: operation.id }, data: { cancelRequested: true } });
    await expectPublishedOnce(draft.id, operation.id);
  });

  it('leaves the number to somebody who was quicker to take it, where refs change one by one', async () => {
    await start(ONE_BY_ONE);
    const draft = await world.init('core');
    await world.visit();
    const operation = await world.proposeAndApprove(draft.id);
    let theirs = '';
    world.server.onRequest(async ({ service, method, phase }) => {
      if (service !== 'git-receive-pack' || method !== 'POST' || phase !== 'before' || theirs !== '') return;
      theirs = await world.remote.tag('core/v1', { at: 'main' });
    });
    await world.visit();
    expect(await world.operation(operation.id)).toMatchObject({ state: 'succeeded' });
    expect(await world.row(draft.id)).toMatchObject({ revision: 'v2' });
    expect(await world.remote.revParse('core/v1')).toBe(theirs);
    expect(await world.git('rev-list', '--first-parent', '--count', 'main')).toBe('2');
  });

  it.each([
    ['goes on from what others have pushed beside the package', 'else.txt', true],
    ['leaves what others have pushed to the package', 'core/Kptfile', false],
  ])('between tag and ref, %s', async (_, path, delivered) => {
    await start(ONE_BY_ONE);
    const draft = await world.init('core');
    await world.visit();
    const operation = await world.proposeAndApprove(draft.id);
    cutAfterPush(1);
    await world.visit();
    world.server.onRequest(null);
    const theirs = await world.remote.commit({ files: { [path]: 'theirs\n' } });
    await world.visitNow();
    expect(await world.operation(operation.id)).toMatchObject({ state: 'succeeded', result: { revision: 'v1' } });
    const row = await world.row(draft.id);
    expect(row).toMatchObject({ lifecycle: 'published', revision: 'v1' });
    expect(await world.refs()).toEqual(['heads/main', 'tags/core/v1']);
    expect((await world.git('rev-parse', 'main:core')) === row.tree).toBe(delivered);
    expect((await world.git('rev-parse', 'main^1')) === theirs).toBe(delivered);
    expect(await world.git('show', `main:${path}`)).toBe('theirs');
    await world.remote.check();
    expect(await world.unfinished()).toBe(0);
  });
});

describe('a deletion that was cut short', () => {
  it.each([
    ['between ref and tag', 1],
    ['between tag and branch', 2],
  ])('%s, on a remote that changes refs one by one, is finished', async (_, pushes) => {
    await start(ONE_BY_ONE);
    const row = await world.publish('core');
    await world.lifecycle.proposeDeletion(row.id, { force: false }, someone('grace'));
    await world.visit();
    const operation = await world.lifecycle.delete(row.id, someone('grace'), { ifMatch: '*' });
    cutAfterPush(pushes);
    await world.visit();
    world.server.onRequest(null);
    await world.visitNow();
    expect(await world.operation(operation?.id ?? '')).toMatchObject({ state: 'succeeded' });
    expect(await world.refs()).toEqual(['heads/main']);
    expect(await world.git('rev-list', '--first-parent', '--count', 'main')).toBe('3');
    expect(await world.database.client.packageRevision.count()).toBe(0);
    expect(await world.database.client.package.count()).toBe(0);
  });

  it('after the push was accepted, unheard, ends well', async () => {
    await start();
    const row = await world.publish('core');
    const operation = await world.requestDeletion(row.id);
    cutAfterPush();
    await world.visit();
    world.server.onRequest(null);
    await world.visitNow();
    expect(await world.operation(operation.id)).toMatchObject({ state: 'succeeded' });
    expect(await world.refs()).toEqual(['heads/main']);
    expect((await world.publish('core')).revision).toBe('v2');
  });

  it('after the push was accepted, unheard, is too far to be cancelled, also where it had nothing to change on the ref', async () => {
    await start();
    const first = await world.publish('core', 'one', { 'a.yaml': 'a: 1\n' });
    const second = await world.copy(first, 'two');
    await world.edit(second.id, { 'a.yaml': 'a: 2\n' });
    await world.publishDraft(second.id);
    const operation = await world.requestDeletion(first.id);
    cutAfterPush();
    await world.visit();
    world.server.onRequest(null);
    await world.operations.cancel(operation.id);
    await world.visitNow();
    expect(await world.operation(operation.id)).toMatchObject({ state: 'succeeded' });
    expect(await world.refs()).toEqual(['heads/main', 'tags/core/v2']);
    expect((await world.rows()).map(({ revision }) => revision)).toEqual(['v2']);
    // A sync has found the tag gone, and says who that was.
    const { deletedRevision, event } = world.database.client;
    expect(await deletedRevision.findMany({ select: { revision: true, deletedBy: true } })).toEqual([
      { revision: 'v1', deletedBy: 'grace' },
    ]);
    expect(await event.findMany({ where: { type: 'packageRevision.deleted' } })).toMatchObject([{ actor: 'grace' }]);
  });

  it('that never came to its push is cancelled, whoever takes the tag meanwhile', async () => {
    await start();
    const first = await world.publish('core', 'one', { 'a.yaml': 'a: 1\n' });
    const operation = await world.requestDeletion(first.id);
    await world.database.client.operation.update({ where: { id: operation.id }, data: { cancelRequested: true } });
    await world.remote.deleteRef('refs/tags/core/v1');
    await world.visitNow();
    expect(await world.operation(operation.id)).toMatchObject({ state: 'cancelled' });
  });
});

describe('a draft whose push is under way', () => {
  const duringPush = (phase: 'before' | 'after', action: () => Promise<'drop' | void>) => {
    world.server.onRequest(async (request) => {
      if (request.service !== 'git-receive-pack' || request.method !== 'POST' || request.phase !== phase) return;
      world.server.onRequest(null);
      return action();
    });
  };

  it.each([
    ['and heard', undefined],
    ['and not heard', 'drop' as const],
  ])('and that is deleted meanwhile leaves no branch: push accepted %s', async (_, end) => {
    await start();
    const draft = await world.init('core');
    duringPush('after', async () => {
      await world.deleteDraft(draft.id);
      return end;
    });
    await world.visit();
    await world.visitNow();
    expect(await world.refs()).toEqual(['heads/main']);
    expect(await world.database.client.packageRevision.count()).toBe(0);
    expect(await world.unfinished()).toBe(0);
  });

  it('and that is edited meanwhile is pending, then pushed again', async () => {
    await start();
    const draft = await world.init('core');
    let edited = '';
    const states: string[] = [];
    duringPush('after', async () => {
      edited = (await world.edit(draft.id, { 'a.yaml': 'a: 1\n' })).tree;
      world.server.onRequest(async () => {
        states.push((await world.row(draft.id)).gitState);
      });
    });
    await world.visit();
    expect(states[0]).toBe('pending');
    expect(await world.git('rev-parse', 'drafts/core/one:core')).toBe(edited);
    expect(await world.git('rev-parse', 'drafts/core/one~1:core')).toBe(draft.tree);
    expect(await world.row(draft.id)).toMatchObject({ gitState: 'synced', tree: edited });
  });

  it('and that is edited after a push that was not heard goes on from there', async () => {
    await start();
    const draft = await world.init('core');
    cutAfterPush();
    await world.visit();
    world.server.onRequest(null);
    const edited = await world.edit(draft.id, { 'a.yaml': 'a: 1\n' });
    await world.visitNow();
    expect(await world.row(draft.id)).toMatchObject({ gitState: 'synced', tree: edited.tree });
    expect(await world.git('rev-parse', 'drafts/core/one~1:core')).toBe(draft.tree);
    expect(await world.unfinished()).toBe(0);
  });

  it('and that is proposed again after a rejection that was pushed, unheard, is proposed', async () => {
    await start();
    const draft = await world.init('core');
    await world.propose(draft.id);
    await world.visit();
    await world.lifecycle.reject(draft.id, 'grace');
    cutAfterPush();
    await world.visit();
    world.server.onRequest(null);
    expect(await world.refs()).toEqual(['heads/drafts/core/one', 'heads/main']);
    await world.propose(draft.id);
    await world.visitNow();
    expect(await world.row(draft.id)).toMatchObject({ lifecycle: 'proposed', gitState: 'synced' });
    expect(await world.refs()).toEqual(['heads/main', 'heads/proposed/core/one']);
    expect(await world.unfinished()).toBe(0);
  });

  it.each(['proposed', 'draft'] as const)(
    'and whose renaming to %s is cut short, on a remote without atomic pushes',
    async (to) => {
      await start(ONE_BY_ONE);
      const draft = await world.init('core');
      await world.visit();
      if (to === 'draft') {
        await world.propose(draft.id);
        await world.visit();
        await world.lifecycle.reject(draft.id, 'grace');
        await world.edit(draft.id, { 'a.yaml': 'a: 1\n' });
      } else {
        await world.edit(draft.id, { 'a.yaml': 'a: 1\n' });
        await world.propose(draft.id);
      }
      cutAfterPush(1);
      await world.visit();
      world.server.onRequest(null);
      const other = to === 'draft' ? 'drafts' : 'proposed';
      expect(await world.refs()).toHaveLength(3);
      await world.visitNow();
      expect(await world.refs()).toEqual([`heads/${other}/core/one`, 'heads/main'].sort());
      const row = await world.row(draft.id);
      expect(row).toMatchObject({ gitState: 'synced', lifecycle: to });
      expect(await world.git('rev-parse', `${other}/core/one:core`)).toBe(row.tree);
    },
  );
});
