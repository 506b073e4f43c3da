import { describe, expect, it } from 'vitest';
import { ALICE } from '../support/git-fixture.js';
import { ask, BulkWorld, type Item, pushDrafts } from '../support/bulk.js';

const world = BulkWorld.create();
const COUNT = 1_000;
const names = Array.from({ length: COUNT }, (_, index) => `p${String(index).padStart(4, '0')}`);

describe('a thousand drafts', () => {
  it('are proposed and approved by two requests, but for the one that is not as it should be, and share pushes', async () => {
    const { id: repositoryId, fixture } = await world.repository();
    // Whom nobody knows would take another approval.
    await world.database.client.knownUser.create({
      data: { user: 'alice', email: ALICE.email, groups: [], statedAt: new Date() },
    });
    await pushDrafts(fixture, names);
    const { body: sync } = await world.root.expect(202, 'POST', `/repositories/${repositoryId}/sync`);
    await world.root.finished(sync.id);
    const filter = { repositoryId, lifecycle: ['draft'] };
    const found = await ask(world.root.call, { action: 'propose', filter }, {}, '?dryRun=true');
    const ids: string[] = found.body.items.map(({ id }: Item) => id);
    expect(ids).toHaveLength(COUNT);
    const [bad = ''] = ids;
    await world.root.edit(bad, { 'config.yaml': null, Kptfile: null, 'README.md': 'Nothing yet.\n' });

    const count = (items: readonly Item[], status: string) => items.filter((item) => item.status === status).length;
    const proposed = await world.bulk(world.root, { action: 'propose', items: ids.map((id) => ({ id })) });
    expect([count(proposed, 'succeeded'), count(proposed, 'failed')]).toEqual([COUNT - 1, 1]);
    expect(proposed[0]).toMatchObject({ id: bad, error: { code: 'stateConflict' } });
    await Promise.all(
      [...ids.keys()].filter((index) => index % 100 === 1).map((index) => world.root.pushed(ids[index] ?? '')),
    );

    let pushes = 0;
    world.git.onRequest(({ service, method, phase }) => {
      if (service === 'git-receive-pack' && method === 'POST' && phase === 'before') pushes += 1;
    });
    const items = ids.map((id) => ({ id, etag: '*' }));
    const answer = await ask(world.root.call, { action: 'approve', items });
    const result = { items: { succeeded: COUNT - 1, failed: 1, cancelled: 0 } };
    expect(await world.root.finished(answer.body.id)).toMatchObject({ state: 'succeeded', result });
    const failed = await world.items(world.root, answer.body.id, '&status=failed');
    expect(failed).toMatchObject([{ id: bad, error: { code: 'stateConflict', lifecycle: 'draft' } }]);
    expect(await fixture.tags()).toHaveLength(COUNT - 1);
    expect(pushes).toBeLessThan(10);
  }, 600_000);
});
