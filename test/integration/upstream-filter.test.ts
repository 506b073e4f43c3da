import { beforeAll, describe, expect, it } from 'vitest';
import type { UpstreamState } from '../../src/domain/upstream-status.js';
import { UPSTREAM_STATES } from '../../src/domain/upstream-status.js';
import type { RevisionFilter } from '../../src/revisions/package-revision.filter.js';
import { PackageRevisionStore } from '../../src/revisions/package-revision.store.js';
import { PackageStore } from '../../src/revisions/package.store.js';
import { UpstreamWorld } from '../support/upstream-world.js';

const start = UpstreamWorld.inOneDatabase();
let world: UpstreamWorld;

const VERSIONS = ['v1', 'v1.1.0-rc.1', 'v1.1.0-rc.2', 'v1.1.0', 'v2.0.0-beta', 'v2', 'stable'];
/** The same in the order of versions, written down by hand. */
const ORDER = ['v1', 'v1.1.0-rc.1', 'v1.1.0-rc.2', 'v1.1.0', 'v2.0.0-beta', 'v2', 'v3'];
const PACKAGES = ['a', 'b', 'c', 'd'];
const isPreRelease = (revision: string) => revision.includes('-');

/** What each package of the fleet was made from, as it was then. */
const made = new Map<string, { path: string; revision: string; commit: string }>();
/** What Git says now: tag → commit. */
const tags = new Map<string, string>();

function expected(name: string): [UpstreamState, number | null, newest: string | null] {
  const from = made.get(name);
  if (!from) return ['none', null, null];
  const published = ORDER.filter((revision) => tags.has(`${from.path}/${revision}`));
  const counting = published.filter(
    (revision) =>
      isPreRelease(from.revision) || !isPreRelease(revision) || !published.some((one) => !isPreRelease(one)),
  );
  const newest = counting.at(-1) ?? null;
  const isThere = [...tags.keys()].some((tag) => tag.startsWith(`${from.path}/`));
  if (!isThere) return ['gone', null, null];
  const isVersion = ORDER.includes(from.revision);
  const newer =
    isVersion && newest ? counting.filter((one) => ORDER.indexOf(one) > ORDER.indexOf(from.revision)).length : null;
  const commit = tags.get(`${from.path}/${from.revision}`);
  if (commit === undefined) return ['gone', newer, newest];
  if (commit !== from.commit) return ['diverged', newer, newest];
  return [newer === null ? 'unknown' : newer > 0 ? 'behind' : 'upToDate', newer, newest];
}

async function readTags(): Promise<void> {
  tags.clear();
  for (const ref of (await world.catalog.remote.refs()).keys()) {
    const tag = ref.replace('refs/tags/', '');
    if (tag !== ref) tags.set(tag, await world.catalog.remote.revParse(`${tag}^{commit}`));
  }
}

beforeAll(async () => {
  world = await start();
  const { remote } = world.catalog;
  for (const [at, path] of PACKAGES.entries()) {
    for (const revision of VERSIONS.slice(0, VERSIONS.length - at)) {
      await remote.commit({
        files: { [`${path}/a.yaml`]: `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${revision}}\n` },
      });
      await remote.tag(`${path}/${revision}`);
    }
    await remote.tag(`${path}/stable`).catch(() => undefined);
  }
  await world.catalog.visitNow();
  const drafts: string[] = [];
  for (const row of await world.catalog.rows({ lifecycle: 'published' })) {
    for (const copy of ['x', 'y']) {
      const name = `${row.path}-${row.revision}-${copy}`.replaceAll('.', '_').replaceAll('_', '-');
      const draft = await world.clone(row, name);
      made.set(name, { path: row.path, revision: row.revision ?? '', commit: row.commit ?? '' });
      if (copy === 'x') drafts.push(draft.id);
    }
  }
  drafts.push((await world.fleet.init('own', 'one', { target: 'edge' })).id);
  for (const id of drafts) await world.fleet.proposeAndApprove(id);
  await world.fleet.visitNow();
  // Then others work on the catalog.
  await remote.tag('a/v3');
  await remote.moveTag('a/v1', 'main');
  await remote.deleteRef('refs/tags/b/v1.1.0-rc.1');
  await remote.deleteRef('refs/tags/b/v2');
  for (const tag of await remote.tags()) if (tag.startsWith('d/')) await remote.deleteRef(`refs/tags/${tag}`);
  await remote.commit({ files: { 'd/a.yaml': null } });
  await world.catalog.visitNow();
  await readTags();
}, 120_000);

async function revisions(filter: RevisionFilter): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const store = world.get(PackageRevisionStore);
  for (let after: readonly string[] | undefined; ;) {
    const part = { size: 7, ...(after && { after }) };
    const { rows, next } = await store.list({ repositoryId: world.fleet.repository.id, ...filter }, 'all', part);
    for (const { id, packageName } of rows) {
      expect(found.has(packageName)).toBe(false);
      found.set(packageName, id);
    }
    if (next === null) return found;
    after = next;
  }
}

it('makes all states', () => {
  expect(new Set([...made.keys(), 'own'].map((name) => expected(name)[0]))).toEqual(new Set(UPSTREAM_STATES));
});

it('shows on every revision and package what Git says', async () => {
  const all = await revisions({});
  expect(all.size).toBe(made.size + 1);
  for (const [name, id] of all) {
    const row = await world.get(PackageRevisionStore).find(id);
    const status = row?.upstreamStatus;
    expect([name, status?.state ?? 'none', status?.behind ?? null, status?.newest?.revision ?? null]).toEqual([
      name,
      ...expected(name),
    ]);
  }
});

const SETS: UpstreamState[][] = [
  ...UPSTREAM_STATES.map((state) => [state]),
  ['behind', 'gone'],
  ['none', 'diverged'],
  [...UPSTREAM_STATES],
];

describe.each(SETS)('a list of %s %s', (...states) => {
  const among = (name: string) => states.includes(expected(name)[0]);

  it('has these revisions, page by page, and no other', async () => {
    const all = [...(await revisions({})).keys()];
    expect([...(await revisions({ upstreamState: states })).keys()].sort()).toEqual(all.filter(among).sort());
  });

  it.each<[string, RevisionFilter, (name: string) => boolean]>([
    ['drafts', { lifecycle: ['draft'] }, (name) => name.endsWith('-y')],
    ['a part of the name', { q: '.a-v1' }, (name) => name.startsWith('a-v1')],
    ['latest ones by time', { latest: true, publishedSince: new Date(0) }, (name) => !name.endsWith('-y')],
    ['a target', { target: 'nowhere' }, () => false],
  ])('has those of %s', async (_, filter, holds) => {
    const all = [...(await revisions({})).keys()];
    expect([...(await revisions({ upstreamState: states, ...filter })).keys()].sort()).toEqual(
      all.filter((name) => among(name) && holds(name)).sort(),
    );
  });

  it('has the packages whose latest publication is in them', async () => {
    const { rows } = await world
      .get(PackageStore)
      .list({ repositoryId: world.fleet.repository.id, upstreamState: states }, 'all', { size: 500 });
    const names = [...(await revisions({})).keys()];
    const published = names.filter((name) => (name.endsWith('-y') ? states.includes('none') : among(name)));
    expect(rows.map(({ name }) => name).sort()).toEqual(published.sort());
  });
});
