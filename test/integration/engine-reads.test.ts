import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ContentStore } from '../../src/content/content.store.js';
import { buildTrees } from '../../src/git/objects/git-hash.js';
import { PublishingWorld } from '../support/publishing.js';

let world: PublishingWorld;
beforeEach(async () => {
  world = await PublishingWorld.start();
});
afterEach(() => world?.stop());

const sql = (statement: string) => world.database.client.$executeRawUnsafe(statement);

/** Revisions whose stored files do not make up the tree that the row names. */
async function torn(): Promise<string[]> {
  const content = world.get(ContentStore);
  const found: string[] = [];
  for (const row of await world.database.client.packageRevision.findMany()) {
    const files = await content.filesOf(row.tree);
    if (buildTrees(files).root !== row.tree) found.push(row.name);
  }
  return found;
}

describe('readers', () => {
  it('never see half of the files, while drafts are edited, pushed, published and synced', async () => {
    const draft = await world.init('core');
    await world.remote.commit({ files: { 'other/Kptfile': 'apiVersion: a/v1\nkind: B\n', 'other/b.yaml': 'b: 1\n' } });
    await world.remote.tag('other/v1');
    let reading = true;
    const seen: string[][] = [];
    const reader = (async () => {
      while (reading) seen.push(await torn());
    })();
    for (let index = 0; index < 10; index += 1) {
      const files = Object.fromEntries(
        Array.from({ length: 5 }, (_, file) => [`f${index}-${file}.yaml`, `a: ${index}\n`]),
      );
      await world.edit(draft.id, files);
      if (index % 3 === 0) await world.visitNow();
    }
    await world.proposeAndApprove(draft.id);
    await world.visit();
    reading = false;
    await reader;
    expect(seen.length).toBeGreaterThan(5);
    expect(seen.flat()).toEqual([]);
  });

  it('see nothing of a package whose reading was cut short, and all of it after the next sync', async () => {
    await world.remote.commit({ files: { 'core/Kptfile': 'apiVersion: a/v1\nkind: B\n', 'core/z.yaml': 'z: 1\n' } });
    await world.remote.tag('core/v1');
    await sql(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'gone'; END $$`);
    await sql(`CREATE TRIGGER refuse BEFORE INSERT ON package_file FOR EACH ROW
      WHEN (new.path = 'z.yaml') EXECUTE FUNCTION refuse()`);
    await world.visitNow();
    expect(await world.database.client.packageRevision.count()).toBe(0);
    await sql('DROP TRIGGER refuse ON package_file');
    await world.visitNow();
    expect(await world.published('core')).toEqual([['v1', 'v1']]);
    expect(await torn()).toEqual([]);
  });
});
