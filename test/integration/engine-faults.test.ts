import { afterEach, describe, expect, it } from 'vitest';
import { PublishingWorld } from '../support/publishing.js';

let world: PublishingWorld;
afterEach(() => world?.stop());

describe('a database that fails while a worker begins a visit', () => {
  it('costs that visit only, also where the remote was down before', async () => {
    world = await PublishingWorld.start({ settings: { WORKER_CONCURRENCY: '2' } });
    const draft = await world.init('core');
    await world.server.down();
    await world.visit();
    const { client } = world.database;
    await client.$executeRawUnsafe(
      `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'gone'; END $$`,
    );
    await client.$executeRawUnsafe(
      'CREATE TRIGGER refuse BEFORE INSERT ON lease FOR EACH ROW EXECUTE FUNCTION refuse()',
    );
    await expect(world.visit()).rejects.toThrow('gone');
    await client.$executeRawUnsafe('DROP TRIGGER refuse ON lease');
    await world.server.up();
    await world.visitNow();
    expect(await world.row(draft.id)).toMatchObject({ gitState: 'synced' });
  });
});

describe('a draft in conflict with a branch that is gone again', () => {
  it('is pushed, conflict or not: nobody is left to disagree with', async () => {
    world = await PublishingWorld.start();
    const draft = await world.init('core');
    await world.remote.commit({ branch: 'drafts/core/one', files: { 'core/theirs.yaml': 'x: 1\n' } });
    await world.visitNow();
    expect(await world.row(draft.id)).toMatchObject({ gitState: 'conflict' });
    await world.remote.deleteRef('refs/heads/drafts/core/one');
    await world.visitNow();
    expect(await world.row(draft.id)).toMatchObject({ gitState: 'synced', tree: draft.tree });
    expect(await world.git('rev-parse', 'drafts/core/one:core')).toBe(draft.tree);
  });
});

describe('a draft that is deleted while it is in conflict', () => {
  it("leaves the other writer's branch, which is listed as what it is: their draft", async () => {
    world = await PublishingWorld.start();
    const draft = await world.init('core');
    await world.visit();
    await world.edit(draft.id, { 'ours.yaml': 'x: 1\n' });
    const theirs = await world.remote.commit({ branch: 'drafts/core/one', files: { 'core/theirs.yaml': 'x: 2\n' } });
    await world.visitNow();
    expect(await world.row(draft.id)).toMatchObject({ gitState: 'conflict' });
    await world.deleteDraft(draft.id);
    await world.visitNow();
    await world.visitNow();
    expect(await world.git('rev-parse', 'drafts/core/one')).toBe(theirs);
    expect(await world.database.client.packageRevision.findMany()).toMatchObject([
      { workspace: 'one', lifecycle: 'draft', commit: theirs, gitState: 'synced' },
    ]);
  });
});
