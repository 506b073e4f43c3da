import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Visibility } from '../../src/access/grants.js';
import type { PackageRevision } from '../../src/database/generated/client.js';
import { PackageRevisionStore, type PastRevisionRow } from '../../src/revisions/package-revision.store.js';
import type { RevisionFilter } from '../../src/revisions/package-revision.filter.js';
import { PackageStore } from '../../src/revisions/package.store.js';
import { PublishingWorld } from '../support/publishing.js';

let world: PublishingWorld;
beforeEach(async () => {
  world = await PublishingWorld.start();
});
afterEach(() => world?.stop());

const YEAR = (year: number) => new Date(Date.UTC(year, 0, 1));

/** Published in the middle of that year, and not just now. */
async function publishedIn(year: number, row: PackageRevision): Promise<PackageRevision> {
  const publishedAt = new Date(Date.UTC(year, 5, 1));
  return world.database.client.packageRevision.update({ where: { id: row.id }, data: { publishedAt } });
}
async function two(path: string): Promise<[PackageRevision, PackageRevision]> {
  const first = await publishedIn(2021, await world.publish(path, 'one', { 'a.yaml': 'a: 1\n' }));
  const draft = await world.copy(first, 'two');
  await world.edit(draft.id, { 'a.yaml': 'a: 2\n' });
  return [first, await publishedIn(2022, await world.publishDraft(draft.id))];
}

const then = async (asOf: Date, filter: RevisionFilter = {}, visible: Visibility = 'all') => {
  const { rows } = await world.get(PackageRevisionStore).list({ asOf, ...filter }, visible, { size: 50 });
  return rows as PastRevisionRow[];
};
/** The revisions of then, the latest of a package with an asterisk. */
const shown = async (asOf: Date, filter: RevisionFilter = {}) =>
  (await then(asOf, filter)).map(({ path, revision, latestThen }) => `${path} ${revision}${latestThen ? '*' : ''}`);
const packages = async (asOf: Date) => {
  const { rows } = await world.get(PackageStore).list({ asOf }, 'all', { size: 50 });
  return rows.map(({ path, latestRevision, revisionCount }) => `${path} ${latestRevision} ${revisionCount}`);
};
const tombstones = () => world.database.client.deletedRevision.findMany({ orderBy: { deletedAt: 'asc' } });

describe('what was published at a moment', () => {
  it('is told with the latest of then, and without drafts', async () => {
    await two('core');
    await world.init('draft');
    expect(await shown(YEAR(2021))).toEqual([]);
    expect(await shown(YEAR(2022))).toEqual(['core v1*']);
    expect(await shown(YEAR(2023))).toEqual(['core v1', 'core v2*']);
    expect(await shown(YEAR(2023), { latest: true })).toEqual(['core v2*']);
    expect(await shown(YEAR(2022), { latest: false })).toEqual([]);
    expect(await shown(YEAR(2023), { lifecycle: ['draft'] })).toEqual([]);
    expect(await packages(YEAR(2021))).toEqual([]);
    expect(await packages(YEAR(2022))).toEqual(['core v1 1']);
    expect(await packages(new Date())).toEqual(['core v2 2']);
  });

  it('has what somebody has deleted since, with who and when, until then', async () => {
    const [first, second] = await two('core');
    await world.requestDeletion(second.id);
    await world.visit();
    const before = await shown(YEAR(2023));
    await world.requestDeletion(first.id);
    await world.visit();
    expect(await world.database.client.packageRevision.count()).toBe(0);
    expect(before).toEqual(['core v1', 'core v2*']);
    expect(await shown(YEAR(2023))).toEqual(before);
    expect(await shown(new Date())).toEqual([]);
    expect(await packages(YEAR(2023))).toEqual(['core v2 2']);
    expect(await packages(new Date())).toEqual([]);
    const [gone] = await then(YEAR(2023), { revision: 'v2' });
    expect(gone).toMatchObject({
      ...{ id: second.id, name: second.name, tree: second.tree, tag: second.tag, publishedBy: 'grace' },
      ...{ lifecycle: 'published', latest: false, latestThen: true, deletedBy: 'grace', fileCount: 2 },
    });
    expect(gone?.deletedAt?.getTime()).toBeGreaterThan(Date.now() - 60_000);
    expect(await tombstones()).toMatchObject([
      { revisionId: second.id, moved: false, packageId: second.packageId, path: 'core', revision: 'v2' },
      { revisionId: first.id, moved: false, deletedBy: 'grace' },
    ]);
  });

  it('has what a tag of somebody else named that vanished in Git, or that was moved, of each the content of then', async () => {
    const byHand = async (revision: string, year: number) => {
      await world.remote.commit({
        files: { 'core/Kptfile': 'apiVersion: a/v1\nkind: B\n', 'core/a.yaml': `a: ${revision}\n` },
      });
      await world.remote.tag(`core/${revision}`);
      await world.visitNow();
      return publishedIn(year, await world.revision('core', revision));
    };
    const [first, second] = [await byHand('v1', 2021), await byHand('v2', 2022)];
    const other = await world.remote.commit({ files: { 'core/a.yaml': 'a: 3\n' } });
    await world.remote.moveTag('core/v2', other);
    await world.remote.deleteRef('refs/tags/core/v1');
    await world.visitNow();
    const moved = await world.row(second.id);
    expect(moved.tree).not.toBe(second.tree);
    expect((await then(YEAR(2023))).map(({ revision, tree }) => [revision, tree]).sort()).toEqual([
      ['v1', first.tree],
      ['v2', second.tree],
    ]);
    expect((await then(new Date())).map(({ revision, tree }) => [revision, tree])).toEqual([['v2', moved.tree]]);
    expect(await tombstones()).toMatchObject([
      { deletedBy: null, moved: true, revision: 'v2' },
      { deletedBy: null, moved: false, revision: 'v1' },
    ]);
  });

  it('takes the other filters, orders, pages and rights as any list', async () => {
    const [, second] = await two('core');
    await two('nf/web');
    await world.requestDeletion(second.id);
    await world.visit();
    const all = ['core v1', 'nf/web v1', 'nf/web v2*', 'core v2*'];
    expect((await shown(YEAR(2023))).sort()).toEqual([...all].sort());
    expect(await shown(YEAR(2023), { path: 'core', revision: 'v2' })).toEqual(['core v2*']);
    expect(await shown(YEAR(2023), { repositoryId: world.repository.id, q: 'web', latest: true })).toEqual([
      'nf/web v2*',
    ]);
    expect(await then(YEAR(2023), {}, { repositoryIds: [], paths: [] })).toEqual([]);
    const store = world.get(PackageRevisionStore);
    for (const sort of [undefined, 'name', '-publishedAt', 'createdAt', '-updatedAt']) {
      const seen: string[] = [];
      let after: readonly string[] | undefined;
      do {
        const { rows, next } = await store.list({ asOf: YEAR(2023) }, 'all', { size: 1, after, sort });
        seen.push(...rows.map(({ path, revision }) => `${path} ${revision}`));
        after = next ?? undefined;
      } while (after);
      expect([...seen].sort(), sort).toEqual(['core v1', 'core v2', 'nf/web v1', 'nf/web v2']);
    }
  });

  it('goes with its repository', async () => {
    const [first] = await two('core');
    await world.requestDeletion(first.id);
    await world.visit();
    expect(await tombstones()).toHaveLength(1);
    await world.database.client.repository.delete({ where: { id: world.repository.id } });
    expect(await tombstones()).toEqual([]);
  });
});
