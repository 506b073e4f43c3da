import { afterEach, describe, expect, it } from 'vitest';
import { startEngine } from '../support/engine.js';
import { PublishingWorld } from '../support/publishing.js';

const KPTFILE = 'apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: core\n';

let world: PublishingWorld;
afterEach(() => world?.stop());

/** A repository with tags that others made. */
async function withTags(...tags: string[]) {
  world = await PublishingWorld.start();
  await world.remote.commit({ files: { 'core/Kptfile': KPTFILE } });
  for (const tag of tags) await world.remote.tag(`core/${tag}`);
  await world.visitNow();
  return world.database.client.packageRevision.findFirstOrThrow({ orderBy: { id: 'asc' } });
}

describe('revision numbers', () => {
  it.each([
    [['v1', 'v2'], 'v3'],
    [['v3.1.1'], 'v4'],
    [['v1', 'v10', 'v9'], 'v11'],
    [['1', 'latest', 'v2-rc1', 'v2.0.0-rc1'], 'v3'],
    [['v0'], 'v1'],
    [['v999999999'], 'v1000000000'],
    [['v20261128131449'], 'v20261128131450'],
    [['v2', `v${'9'.repeat(40)}.1.0`], `v1${'0'.repeat(40)}`],
  ])('after %s comes %s', async (tags, expected) => {
    const any = await withTags(...tags);
    const draft = await world.copy(any, 'next');
    expect(await world.publishDraft(draft.id)).toMatchObject({ revision: expected, latest: true });
  });

  it.each([
    [['v1.0.0', 'v2.0.0-rc.1'], 'v1.0.0'],
    [['v2.0.0-rc.1', 'v2.0.0-rc.2'], 'v2.0.0-rc.2'],
    [['v1', 'v1.2-beta', 'nightly'], 'v1'],
    [['v9', 'v10000000000', 'v2000000000'], 'v10000000000'],
  ])('of %s the latest is %s: a pre-release only where there is no release', async (tags, expected) => {
    await withTags(...tags);
    const rows = await world.database.client.packageRevision.findMany({ where: { latest: true } });
    expect(rows.map(({ revision }) => revision)).toEqual([expected]);
  });

  it('counts a tag that somebody pushed between the approval and its publication', async () => {
    const any = await withTags('v1');
    const draft = await world.copy(any, 'next');
    await world.visit();
    await world.proposeAndApprove(draft.id);
    await world.remote.tag('core/v2');
    await world.visit();
    expect((await world.row(draft.id)).revision).toBe('v3');
  });

  it('are not given out again after the highest was deleted, nor after the index was made again', async () => {
    world = await PublishingWorld.start();
    const first = await world.publish('core');
    const second = await world.publishDraft((await world.copy(first, 'two')).id);
    expect(second.revision).toBe('v2');
    await world.requestDeletion(second.id);
    await world.visit();
    expect(await world.published('core')).toEqual([['v1', 'one']]);
    const third = await world.publishDraft((await world.copy(first, 'three')).id);
    expect(third.revision).toBe('v3');
    await world.requestDeletion(third.id);
    await world.visit();

    // Another database, which knows nothing but what the remote holds.
    const fresh = await startEngine();
    try {
      const { id } = await fresh.register({ name: 'again', url: world.url });
      await fresh.visit(id);
      const counter = await fresh.database.client.revisionCounter.findFirstOrThrow({ where: { path: 'core' } });
      expect(Number(counter.highest)).toBe(3);
    } finally {
      await fresh.close();
    }
  });
});
