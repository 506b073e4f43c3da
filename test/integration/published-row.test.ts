import { afterAll, beforeAll, expect, it } from 'vitest';
import type { PackageRevision } from '../../src/database/generated/client.js';
import { ANY_VERSION } from '../../src/domain/precondition.js';
import { Metrics } from '../../src/logging/metrics.js';
import { PublishingWorld } from '../support/publishing.js';
import { someone } from '../support/service-callers.js';

/** What only this service knows of a revision: it was there before the publication, and Git does not tell of it. */
const ONLY_HERE = [
  'id',
  'packageId',
  'repositoryId',
  'version',
  'createdAt',
  // When readers of this index could see it change.
  'updatedAt',
  'createdBy',
  'editors',
  'gitAuthors',
  'proposedBy',
  // The commit on which the draft was begun: a publication has none.
  'baseCommit',
  'labels',
  'annotations',
  'conditions',
  'asFound',
] as const satisfies (keyof PackageRevision)[];

let world: PublishingWorld;
beforeAll(async () => {
  world = await PublishingWorld.start();
});
afterAll(() => world.stop());

it('is the same, column by column, whether an approval published the revision or a sync discovered its tag', async () => {
  const began = new Date();
  const first = await world.publish('apps/web', 'one', { 'web.yaml': 'apiVersion: v1\nkind: ConfigMap\n' });
  const next = await world.copy(first, 'two');
  await world.edit(next.id, { 'web.yaml': 'apiVersion: v1\nkind: Secret\n' });
  await world.propose(next.id);
  await world.approvals.approve(next.id, someone('grace'), ANY_VERSION, { comment: 'Looked at it\n twice.' });
  await world.visit();
  const second = await world.row(next.id);
  const approved = [await world.row(first.id), await world.row(second.id)];
  await world.forget();
  const discovered = await world.database.client.packageRevision.findMany({ orderBy: { revision: 'asc' } });

  expect(discovered.map(({ revision }) => revision)).toEqual(['v1', 'v2']);
  expect(discovered.map(({ lastDecision }) => lastDecision)).toMatchObject([
    { by: 'grace', action: 'approve', comment: null },
    { by: 'grace', action: 'approve', comment: 'Looked at it twice.' },
  ]);
  expect(discovered.map(comparable)).toEqual(approved.map(comparable));
  // Lists by times and people read the publication's in place of the others where a row is as it was found.
  for (const { asFound, createdAt, updatedAt, publishedAt, createdBy, updatedBy, publishedBy } of discovered) {
    expect([asFound, createdAt, updatedAt]).toEqual([true, publishedAt, publishedAt]);
    expect([createdBy, updatedBy]).toEqual([publishedBy, publishedBy]);
  }
  expect(approved.map(({ asFound }) => asFound)).toEqual([false, false]);
  // To the millisecond, and after everything that readers could have asked for before.
  expect(
    approved.filter(({ publishedAt }) => publishedAt && publishedAt >= began && publishedAt.getTime() % 1000),
  ).not.toEqual([]);
  for (const { createdAt, publishedAt, updatedAt } of approved) {
    expect(createdAt <= (publishedAt ?? 0)).toBe(true);
    expect((publishedAt ?? 0) <= updatedAt).toBe(true);
  }
});

it('is counted by the kinds of its changes, once each', async () => {
  const before = await counts();
  const draft = await world.init('apps/counted');
  await world.edit(draft.id, { 'a.yaml': 'apiVersion: v1\nkind: ConfigMap\n' });
  await world.publishDraft(draft.id);
  const after = await counts();
  const more = [...after].map(([kind, count]) => [kind, count - (before.get(kind) ?? 0)] as const);
  expect(Object.fromEntries(more.filter(([, count]) => count > 0))).toMatchObject({
    created: 1,
    edited: 1,
    proposed: 1,
    published: 1,
  });
});

/** How many changes of revisions /metrics has counted, by kind. */
async function counts(): Promise<Map<string, number>> {
  const text = await world.get(Metrics).render();
  const lines = text.matchAll(/^pkgserver_revision_changes_total\{kind="(\w+)"\} (\d+)$/gm);
  return new Map([...lines].map(([, kind = '', count]) => [kind, Number(count)]));
}

function comparable(row: PackageRevision): Partial<PackageRevision> {
  const { source, ...rest } = row;
  const columns: Partial<PackageRevision> = { ...rest };
  for (const column of ONLY_HERE) delete columns[column];
  // What the creator of a package said about it stands in its Kptfile, and is no longer told apart from that.
  return { ...columns, source: { type: (source as { type: string }).type } };
}
