import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AuthoredRevisions } from '../../src/revisions/authored-revisions.js';
import { AloneRunner } from '../../src/jobs/alone/alone-runner.js';
import { BulkServices } from '../../src/features/package-revisions/bulk/bulk-action.js';
import { BulkService } from '../../src/features/package-revisions/bulk/bulk.service.js';
import type { BulkActionName } from '../../src/features/package-revisions/bulk/bulk-actions.js';
import { RetentionStore } from '../../src/retention/retention.store.js';
import { PublishingWorld } from '../support/publishing.js';
import { someone } from '../support/service-callers.js';

let world: PublishingWorld;
beforeAll(async () => {
  world = await PublishingWorld.start();
});
afterAll(() => world?.stop());

/** Asks, as a request does; gives the operation's id. */
async function ask(action: BulkActionName, ids: readonly string[]): Promise<string> {
  const items = ids.map((id) => ({ id, etag: '*' }));
  const asked = await world.database.transaction(() => world.get(BulkService).ask({ action, items }, someone('ada')));
  if (!('kind' in asked)) throw new Error('Nothing was accepted.');
  return asked.id;
}

const work = (id: string): Promise<void> => world.get(AloneRunner).run(id);
const itemsOf = (operationId: string) =>
  world.database.client.operationItem.findMany({ where: { operationId }, orderBy: { position: 'asc' } });

describe('an item', () => {
  it('that fails half way leaves nothing of itself, and all of the others', async () => {
    const [good, bad, other] = await Promise.all(['a', 'b', 'c'].map((path) => world.init(path)));
    const ids = [good, bad, other].map((row) => row?.id ?? '');
    const { lifecycle } = world.get(BulkServices);
    const propose = lifecycle.propose.bind(lifecycle);
    lifecycle.propose = async (id, ...rest) => {
      const row = await propose(id, ...rest);
      if (id === bad?.id) throw new TypeError('Nobody has thought of this.');
      return row;
    };
    const id = await ask('propose', ids);
    await work(id).finally(() => (lifecycle.propose = propose));
    expect((await itemsOf(id)).map(({ state }) => state)).toEqual(['succeeded', 'failed', 'succeeded']);
    expect((await itemsOf(id))[1]?.error).toMatchObject({ code: 'internal' });
    const rows = await Promise.all(ids.map((each) => world.row(each)));
    expect(rows.map((row) => row.lifecycle)).toEqual(['proposed', 'draft', 'proposed']);
    const told = await world.database.client.$queryRaw<{ subject: string }[]>`
      SELECT DISTINCT subject FROM (SELECT subject, type FROM event UNION ALL SELECT subject, type FROM event_pending) e
      WHERE type = 'packageRevision.proposed'`;
    expect(told.map(({ subject }) => subject).toSorted()).toEqual([ids[0], ids[2]].toSorted());
    const pushes = { where: { kind: 'push', revisionId: bad?.id ?? '' } } as const;
    expect(await world.database.client.operation.count(pushes)).toBe(1);
  });

  it('is done again by the next worker where its transaction was undone', async () => {
    const drafts = await Promise.all(['d', 'e'].map((path) => world.init(path)));
    const id = await ask(
      'propose',
      drafts.map((row) => row.id),
    );
    const revisions = world.get(AuthoredRevisions);
    const propose = revisions.propose.bind(revisions);
    let left = 1;
    revisions.propose = async (...given) => {
      const row = await propose(...given);
      // As where the database goes away in the middle.
      if (left-- > 0) throw Object.assign(new Error('Connection terminated unexpectedly'));
      return row;
    };
    await work(id).finally(() => (revisions.propose = propose));
    expect(await world.operation(id)).toMatchObject({ state: 'running', waitingFor: expect.any(String) });
    expect((await itemsOf(id)).map(({ state }) => state)).toEqual(['waiting', 'waiting']);
    await world.database.client.operation.update({ where: { id }, data: { nextAttemptAt: new Date(0) } });
    await work(id);
    expect(await world.operation(id)).toMatchObject({ state: 'succeeded', attempts: 2 });
    expect((await itemsOf(id)).map(({ state }) => state)).toEqual(['succeeded', 'succeeded']);
  });

  it('goes with its operation', async () => {
    const { id: draft } = await world.init('f');
    const id = await ask('propose', [draft]);
    await work(id);
    expect(await itemsOf(id)).toHaveLength(1);
    const ended = new Date(Date.now() + 60_000);
    await world.get(RetentionStore).removeOperations(ended, 1_000);
    expect(await itemsOf(id)).toEqual([]);
  });
});

it('a bulk operation ends with the last operation that it has led to', async () => {
  const proposals = await Promise.all(['g', 'h'].map((path) => world.init(path)));
  for (const { id } of proposals) await world.propose(id);
  await world.visit();
  const id = await ask(
    'approve',
    proposals.map((row) => row.id),
  );
  await work(id);
  expect(await world.operation(id)).toMatchObject({ state: 'running', waitingFor: expect.any(String) });
  expect(await world.get(AloneRunner).due(10)).toEqual([]);
  const [first, second] = await itemsOf(id);
  // One is published, one is cancelled by somebody.
  await world.operations.cancel(second?.startedId ?? '');
  await world.visit();
  expect(await world.get(AloneRunner).due(10)).toEqual([id]);
  await work(id);
  const result = { items: { succeeded: 1, failed: 0, cancelled: 1 } };
  expect(await world.operation(id)).toMatchObject({ state: 'succeeded', attempts: 1, result });
  expect(await world.row(first?.revisionId ?? '')).toMatchObject({ lifecycle: 'published' });
});
