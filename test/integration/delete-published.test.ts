import { beforeEach, describe, expect, it } from 'vitest';
import { PublishingWorld } from '../support/publishing.js';
import { someone } from '../support/service-callers.js';

let world: PublishingWorld;
const next = PublishingWorld.inOneDatabase();
beforeEach(async () => {
  world = await next();
});

const files = async () => (await world.remote.lsTree()).map(({ path }) => path);

describe('the deletion of a published revision', () => {
  it('is shown by a branch while it is proposed', async () => {
    const row = await world.publish('core');
    await world.lifecycle.proposeDeletion(row.id, { force: false }, someone('grace'));
    await world.visit();
    expect(await world.refs()).toEqual(['heads/deletionProposed/core/v1', 'heads/main', 'tags/core/v1']);
    expect(await world.remote.revParse('deletionProposed/core/v1')).toBe(row.commit);
    expect(await world.row(row.id)).toMatchObject({ gitState: 'synced', lifecycle: 'deletionProposed' });
    await world.lifecycle.rejectDeletion(row.id, 'grace');
    await world.visit();
    expect(await world.refs()).toEqual(['heads/main', 'tags/core/v1']);
  });

  it('removes tag and branch, and with the last revision the directory; what others have there stays', async () => {
    await world.remote.commit({ files: { 'nf/readme.txt': 'kept\n', 'nf/core-2/Kptfile': 'x: 1\n' } });
    const first = await world.publish('nf/core', 'one', { 'a.yaml': 'a: 1\n' });
    const second = await world.publishDraft((await world.copy(first, 'two')).id);
    const head = await world.remote.revParse('main');
    await world.lifecycle.proposeDeletion(second.id, { head: 'restore' }, someone('grace'));
    await world.visit();
    const operation = await world.lifecycle.delete(second.id, someone('grace'), { ifMatch: '*' });
    await world.visit();
    expect(await world.operation(operation?.id ?? '')).toMatchObject({ state: 'succeeded' });
    expect(await world.refs()).toEqual(['heads/main', 'tags/nf/core/v1']);
    expect(await world.remote.revParse('main')).toBe(head);
    expect(await world.row(first.id)).toMatchObject({ latest: true });

    await world.requestDeletion(first.id);
    await world.visit();
    expect(await world.refs()).toEqual(['heads/main']);
    expect(await files()).toEqual(['README.md', 'nf/core-2/Kptfile', 'nf/readme.txt']);
    expect(await world.git('log', '-1', '--format=%an %P')).toBe(`grace ${head}`);
    await expect(world.package('nf/core')).rejects.toThrow();
    expect(await world.rows()).toEqual([]);
    await world.remote.check();
  });

  it('leaves a branch of somebody else beside it as the draft that it is', async () => {
    const row = await world.publish('core');
    await world.remote.branch('drafts/core/one', 'main');
    await world.visit();
    await world.requestDeletion(row.id);
    await world.visit();
    await world.visitNow();
    expect(await world.refs()).toEqual(['heads/drafts/core/one', 'heads/main']);
    const drafts = await world.rows();
    expect(drafts).toMatchObject([{ lifecycle: 'draft', workspace: 'one', branch: 'refs/heads/drafts/core/one' }]);
    expect(drafts[0]?.id).not.toBe(row.id);
  });

  describe('that the ref holds', () => {
    async function twoVersions() {
      const first = await world.publish('core', 'one', { 'a.yaml': 'a: 1\n' });
      const draft = await world.copy(first, 'two');
      await world.edit(draft.id, { 'a.yaml': 'a: 2\n' });
      return { first, second: await world.publishDraft(draft.id) };
    }

    it('says what the ref is to hold then, or is not proposed', async () => {
      const { first, second } = await twoVersions();
      await expect(world.lifecycle.proposeDeletion(second.id, {}, someone('grace'))).rejects.toMatchObject({
        code: 'invalidBody',
        data: { errors: [{ pointer: '/head', code: 'required' }] },
      });
      // Of one that the ref does not hold nothing has to be said.
      await world.lifecycle.proposeDeletion(first.id, {}, someone('grace'));
    });

    it('puts the latest that stays back on the ref, in the push that removes the tag', async () => {
      const { first, second } = await twoVersions();
      const operation = await world.requestDeletion(second.id);
      const before = await world.remote.revParse('main');
      await world.visit();
      expect(await world.operation(operation.id)).toMatchObject({ state: 'succeeded' });
      expect(await world.git('rev-parse', 'main:core')).toBe(first.tree);
      expect(await world.refs()).toEqual(['heads/main', 'tags/core/v1']);
      expect(await world.git('log', '-1', '--format=%s|%P')).toBe(`Delete core/v2, back to v1|${before}`);
      expect(await world.package('core')).toMatchObject({ headState: 'published', headRevisionId: first.id });
      await world.remote.check();

      const last = await world.requestDeletion(first.id);
      await world.visit();
      expect(await world.operation(last.id)).toMatchObject({ state: 'succeeded' });
      expect(await files()).toEqual(['README.md']);
    });

    it('goes back to the latest also where it holds what an older one held, as after a rollback', async () => {
      const { first, second } = await twoVersions();
      const third = await world.publishDraft((await world.copy(first, 'three')).id);
      expect(third.tree).toBe(first.tree);
      await expect(world.lifecycle.proposeDeletion(third.id, {}, someone('grace'))).rejects.toMatchObject({
        code: 'invalidBody',
      });
      await world.requestDeletion(third.id);
      await world.visit();
      expect(await world.git('rev-parse', 'main:core')).toBe(second.tree);
      expect(await world.git('log', '-1', '--format=%s')).toBe('Delete core/v3, back to v2');
      expect(await world.package('core')).toMatchObject({ headState: 'published', headRevisionId: second.id });
    });

    it('keeps what is there where that was asked for: a direct change from then on, which the last deletion names', async () => {
      const { first, second } = await twoVersions();
      await world.requestDeletion(second.id, 'keep');
      await world.visit();
      expect(await world.git('rev-parse', 'main:core')).toBe(second.tree);
      expect(await world.package('core')).toMatchObject({ headState: 'differs', headRevisionId: null });
      await expect(world.copy(first, 'three')).rejects.toMatchObject({ code: 'headDiffers' });
      await expect(world.requestDeletion(first.id)).rejects.toMatchObject({
        code: 'headDiffers',
        data: { files: ['a.yaml'] },
      });
      await world.lifecycle.delete(first.id, someone('grace'), { ifMatch: '*' }, true);
      await world.visit();
      expect(await files()).toEqual(['README.md']);
      expect(await world.refs()).toEqual(['heads/main']);
    });

    it('waits for that word where the proposal came by Git alone', async () => {
      const { second } = await twoVersions();
      await world.remote.branch('deletionProposed/core/v2', 'core/v2');
      await world.visitNow();
      const deletion = world.lifecycle.delete(second.id, someone('grace'), { ifMatch: '*' });
      await expect(deletion).rejects.toMatchObject({ code: 'stateConflict' });
    });

    it('outdates a draft that was begun on it, which would bring it back', async () => {
      const { second } = await twoVersions();
      const draft = await world.copy(second, 'three');
      await world.requestDeletion(second.id);
      await world.visit();
      await world.propose(draft.id);
      await expect(world.approve(draft.id)).rejects.toMatchObject({ code: 'baseOutdated' });
    });
  });

  it('of all revisions at once works', async () => {
    const first = await world.publish('core');
    const second = await world.publishDraft((await world.copy(first, 'two')).id);
    await world.requestDeletion(first.id);
    await world.requestDeletion(second.id);
    await world.visit();
    expect(await world.refs()).toEqual(['heads/main']);
    expect(await files()).toEqual(['README.md']);
    expect(await world.unfinished()).toBe(0);
  });

  it('refuses when the directory was changed directly, and nothing happens', async () => {
    const row = await world.publish('core', 'one', { 'a.yaml': 'a: 1\n' });
    await world.remote.commit({ files: { 'core/theirs.yaml': 'x: 1\n' } });
    const operation = await world.requestDeletion(row.id);
    await world.visit();
    expect(await world.operation(operation.id)).toMatchObject({
      state: 'failed',
      error: { code: 'headDiffers', data: { files: ['theirs.yaml'] } },
    });
    expect(await world.refs()).toEqual(['heads/deletionProposed/core/v1', 'heads/main', 'tags/core/v1']);
    expect(await files()).toContain('core/theirs.yaml');
    await world.lifecycle.delete(row.id, someone('grace'), { ifMatch: '*' }, true);
    await world.visit();
    expect(await files()).toEqual(['README.md']);
  });

  it('leaves the packages inside, whoever they are published by', async () => {
    const inner = 'apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: db\n';
    await world.remote.commit({
      files: { 'app/Kptfile': inner, 'app/x.yaml': 'x: 1\n', 'app/db/Kptfile': inner, 'app/db/y.yaml': 'y: 1\n' },
    });
    await world.remote.tag('app/v1');
    await world.remote.tag('app/db/v1');
    await world.visitNow();
    const db = await world.revision('app/db', 'v1');
    const next = await world.copy(db, 'two');
    await world.edit(next.id, { 'y.yaml': 'y: 2\n' });
    const second = await world.publishDraft(next.id);
    expect(await world.package('app')).toMatchObject({ headState: 'differs' });
    // What changed is in the package inside, which stays.
    await world.requestDeletion((await world.revision('app', 'v1')).id);
    await world.visit();
    expect(await files()).toEqual(['README.md', 'app/db/Kptfile', 'app/db/y.yaml']);
    expect(await world.git('rev-parse', 'main:app/db')).toBe(second.tree);
    expect(await world.tags()).toEqual(['app/db/v1', 'app/db/v2']);
    expect(await world.package('app/db')).toMatchObject({ headState: 'published', headRevisionId: second.id });
    await world.remote.check();
  });

  it('refuses when somebody moved the tag: that is another revision than the one to delete', async () => {
    const row = await world.publish('core');
    const operation = await world.requestDeletion(row.id);
    const theirs = await world.remote.commit({
      branch: 'side',
      files: { 'core/Kptfile': 'apiVersion: a/v1\nkind: B\n' },
    });
    await world.remote.moveTag('core/v1', theirs);
    await world.visit();
    expect(await world.operation(operation.id)).toMatchObject({ state: 'failed', error: { code: 'stateConflict' } });
    expect(await world.refs()).toContain('tags/core/v1');
  });

  it('leaves the directory when the next revision is published by the same push', async () => {
    const first = await world.publish('core');
    const draft = await world.copy(first, 'two');
    await world.proposeAndApprove(draft.id);
    await world.requestDeletion(first.id);
    await world.visit();
    expect(await world.refs()).toEqual(['heads/main', 'tags/core/v2']);
    expect(await world.git('rev-parse', 'main:core')).toBe(draft.tree);
  });

  it('of the last one lets a waiting draft through: the removal is no direct change', async () => {
    const first = await world.publish('core', 'one', { 'a.yaml': 'a: 1\n' });
    const draft = await world.copy(first, 'two');
    const edited = await world.edit(draft.id, { 'b.yaml': 'b: 1\n' });
    await world.visit();
    await world.requestDeletion(first.id);
    await world.proposeAndApprove(draft.id);
    await world.visit();
    expect(await world.published('core')).toEqual([['v2', 'two']]);
    expect(await world.git('rev-parse', 'main:core')).toBe(edited.tree);
    expect(await files()).toEqual(['README.md', 'core/Kptfile', 'core/a.yaml', 'core/b.yaml']);
  });

  it('makes room: the package can be created again, and goes on counting', async () => {
    const row = await world.publish('core');
    await world.requestDeletion(row.id);
    await world.visit();
    expect((await world.publish('core')).revision).toBe('v2');
    await world.remote.check();
  });
});
