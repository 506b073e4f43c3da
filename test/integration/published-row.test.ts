import { afterAll, beforeAll, expect, it } from 'vitest';
import type { PackageRevision } from '../../src/database/generated/client.js';
import { PublishingWorld } from '../support/publishing.js';

/** What only this service knows of a revision: it was there before the publication, and Git does not tell of it. */
const ONLY_HERE = [
  'id',
  'packageId',
  'repositoryId',
  'version',
  'createdAt',
  'createdBy',
  'editors',
  'proposedBy',
  // The commit on which the draft was begun: a publication has none.
  'baseCommit',
  'labels',
  'annotations',
  'conditions',
] as const satisfies (keyof PackageRevision)[];

let world: PublishingWorld;
beforeAll(async () => {
  world = await PublishingWorld.start();
});
afterAll(() => world.stop());

it('is the same, column by column, whether an approval published the revision or a sync discovered its tag', async () => {
  const first = await world.publish('apps/web', 'one', { 'web.yaml': 'apiVersion: v1\nkind: ConfigMap\n' });
  const next = await world.copy(first, 'two');
  await world.edit(next.id, { 'web.yaml': 'apiVersion: v1\nkind: Secret\n' });
  const second = await world.publishDraft(next.id);
  const approved = [await world.row(first.id), await world.row(second.id)];
  await world.forget();
  const discovered = await world.database.client.packageRevision.findMany({ orderBy: { revision: 'asc' } });

  expect(discovered.map(({ revision }) => revision)).toEqual(['v1', 'v2']);
  expect(discovered.map(comparable)).toEqual(approved.map(comparable));
});

function comparable(row: PackageRevision): Partial<PackageRevision> {
  const { source, ...rest } = row;
  const columns: Partial<PackageRevision> = { ...rest };
  for (const column of ONLY_HERE) delete columns[column];
  // What the creator of a package said about it stands in its Kptfile, and is no longer told apart from that.
  return { ...columns, source: { type: (source as { type: string }).type } };
}
