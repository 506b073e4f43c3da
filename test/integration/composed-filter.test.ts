import { beforeAll, describe, expect, it } from 'vitest';
import type { PackageRevision } from '../../src/database/generated/client.js';
import type { UpstreamState } from '../../src/domain/upstream-status.js';
import type { RevisionFilter } from '../../src/revisions/package-revision.filter.js';
import { PackageRevisionStore } from '../../src/revisions/package-revision.store.js';
import { PackageStore } from '../../src/revisions/package.store.js';
import { kptfileFrom, UpstreamWorld } from '../support/upstream-world.js';

const start = UpstreamWorld.inOneDatabase();
let world: UpstreamWorld;
let core: PackageRevision;
let dns: PackageRevision;
/** Between the publications and what was deleted later. */
let before: Date;

/** What each package is made of when all is done, by the folder; '' is the package itself. */
const ALL: Record<string, Record<string, UpstreamState>> = {
  'one v1': { '': 'none', db: 'behind' },
  'two v1': { '': 'none', a: 'behind', b: 'upToDate' },
  'rooted v1': { '': 'behind' },
  'both v1': { '': 'upToDate', 'data/db': 'behind' },
  'fresh v1': { '': 'upToDate', db: 'upToDate' },
  'plain v1': { '': 'none' },
  'past v1': { '': 'none', db: 'behind' },
  'past v2': { '': 'none' },
};
const LATEST = Object.keys(ALL).filter((name) => name !== 'past v1');

/** The files of a package whose parts are from these revisions; null: from nothing. */
function composed(name: string, parts: Record<string, PackageRevision | null>): Record<string, string> {
  const files = Object.entries(parts).map(([folder, from]) => {
    const upstream = from && {
      ...{ url: world.catalog.url, directory: from.path, ref: `${from.path}/v1`, commit: from.commit ?? '' },
    };
    return [['edge', name, folder, 'Kptfile'].filter(Boolean).join('/'), kptfileFrom(name, upstream ?? undefined)];
  });
  return Object.fromEntries(files) as Record<string, string>;
}

beforeAll(async () => {
  world = await start();
  core = await world.version('core', 'a: 1\n');
  dns = await world.version('dns', 'a: 1\n');
  const { remote } = world.fleet;
  await remote.commit({
    files: {
      ...composed('one', { '': null, db: core }),
      ...composed('two', { '': null, a: core, b: dns }),
      ...composed('rooted', { '': core }),
      ...composed('both', { '': dns, 'data/db': core }),
      ...composed('fresh', { '': dns, db: dns }),
      ...composed('plain', { '': null }),
      ...composed('past', { '': null, db: core }),
      ...composed('gone', { '': null, db: core }),
    },
  });
  for (const name of ['one', 'two', 'rooted', 'both', 'fresh', 'plain', 'past', 'gone'])
    await remote.tag(`edge/${name}/v1`);
  await remote.commit({ files: { 'edge/past/db/Kptfile': null } });
  await remote.tag('edge/past/v2');
  await world.fleet.visitNow();
  await world.version('core', 'a: 2\n');
  before = new Date();
  await remote.deleteRef('refs/tags/edge/gone/v1');
  await remote.commit({ files: { 'edge/gone/Kptfile': null, 'edge/gone/db/Kptfile': null } });
  await world.fleet.visitNow();
}, 60_000);

async function revisions(filter: RevisionFilter, sort?: string): Promise<string[]> {
  const found: string[] = [];
  for (let after: readonly string[] | undefined; ;) {
    const part = { size: 2, ...(after && { after }), ...(sort !== undefined && { sort }) };
    const own = { repositoryId: world.fleet.repository.id, ...filter };
    const { rows, next } = await world.get(PackageRevisionStore).list(own, 'all', part);
    found.push(...rows.map(({ packageName, revision }) => `${packageName} ${revision}`));
    if (next === null) return found;
    after = next;
  }
}

const having = (states: readonly UpstreamState[], names = Object.keys(ALL)): string[] =>
  names.filter((name) => Object.values(ALL[name] ?? {}).some((state) => states.includes(state)));
/** `none` is what a package itself is made from: folders have an upstream, or are none of these parts. */
const STATES: UpstreamState[][] = [
  ['behind'],
  ['upToDate'],
  ['none'],
  ['gone'],
  ['behind', 'none'],
  ['gone', 'upToDate'],
];

describe.each(STATES)('parts that are %s %s', (...states) => {
  it.each([undefined, '-name', '-createdAt', 'publishedAt'])('are in the list of revisions, by %s', async (sort) => {
    expect((await revisions({ upstreamState: states }, sort)).sort()).toEqual(having(states).sort());
  });

  it.each(['two', 'past'])('are there with other filters, of %s', async (name) => {
    const rows = await revisions({ upstreamState: states, latest: true, package: name, target: 'edge' });
    expect(rows).toEqual(
      having(
        states,
        LATEST.filter((each) => each.startsWith(`${name} `)),
      ),
    );
  });

  it('are in the list of packages, by the latest publication', async () => {
    const filter = { repositoryId: world.fleet.repository.id, upstreamState: states };
    const names: string[] = [];
    for (let after: readonly string[] | undefined; ;) {
      const { rows, next } = await world.get(PackageStore).list(filter, 'all', { size: 2, ...(after && { after }) });
      names.push(...rows.map(({ name }) => name));
      if (next === null) break;
      after = next;
    }
    expect(names.sort()).toEqual(
      having(states, LATEST)
        .map((name) => name.split(' ')[0])
        .sort(),
    );
  });
});

describe('what was made from one revision', () => {
  const ofCore = ['both v1', 'one v1', 'past v1', 'rooted v1', 'two v1'];

  it('is found by its folders too, by id and by place', async () => {
    expect((await revisions({ upstreamRevisionId: core.id })).sort()).toEqual(ofCore);
    const place = { repository: world.catalog.repository.name, path: 'core', revision: 'v1' };
    expect((await revisions({ upstream: place }, '-publishedAt')).sort()).toEqual(ofCore);
    expect((await revisions({ upstreamRevisionId: dns.id })).sort()).toEqual(['both v1', 'fresh v1', 'two v1']);
  });

  it('is found together with a state', async () => {
    const rows = await revisions({ upstreamRevisionId: dns.id, upstreamState: ['behind'] });
    expect(rows.sort()).toEqual(['both v1', 'two v1']);
  });

  it('is found among what was deleted since', async () => {
    const past = { asOf: before };
    expect((await revisions({ ...past, upstreamRevisionId: core.id })).sort()).toEqual([...ofCore, 'gone v1'].sort());
    const behind = await revisions({ ...past, upstreamState: ['behind'] });
    expect(behind.sort()).toEqual([...having(['behind']), 'gone v1'].sort());
    expect(await revisions({ ...past, upstreamState: ['gone'] })).toEqual([]);
  });
});
