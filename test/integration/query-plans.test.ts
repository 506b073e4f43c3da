import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Visibility } from '../../src/access/grants.js';
import { PathPattern } from '../../src/access/path-pattern.js';
import { ChainStore } from '../../src/audit/chain.store.js';
import { SubpackageStore } from '../../src/content/subpackage.store.js';
import { BlobStore } from '../../src/content/blob-store/blob-store.js';
import { ContentStore } from '../../src/content/content.store.js';
import type { Database } from '../../src/database/database.js';
import type { Lifecycle } from '../../src/domain/lifecycle.js';
import { UPSTREAM_STATES } from '../../src/domain/upstream-status.js';
import type { Place } from '../../src/domain/list.js';
import { AUDIT_SORTS, type AuditFilter } from '../../src/features/audit-entries/audit-entry.filter.js';
import { AuditEntryStore } from '../../src/features/audit-entries/audit-entry.store.js';
import { REVISION_SORTS, type RevisionFilter } from '../../src/revisions/package-revision.filter.js';
import { orderOf } from '../../src/revisions/package-revision.order.js';
import { PackageRevisionStore } from '../../src/revisions/package-revision.store.js';
import { PACKAGE_SORTS, type PackageFilter } from '../../src/revisions/package.filter.js';
import { PackageStore } from '../../src/revisions/package.store.js';
import { EventListStore } from '../../src/features/events/event-list.store.js';
import type { EventSight } from '../../src/events/event-sight.js';
import type { EventFilter } from '../../src/features/events/event.filter.js';
import { HISTORY_SORTS } from '../../src/features/package-history/package-history.filter.js';
import { PackageHistoryStore } from '../../src/features/package-history/package-history.store.js';
import { REPOSITORY_SORTS, type RepositoryFilter } from '../../src/features/repositories/repository.filter.js';
import { AccessStore } from '../../src/access/access.store.js';
import { StandingRights } from '../../src/access/standing-rights.js';
import { readConfig } from '../../src/config/config.js';
import { DependencyStore } from '../../src/features/dependencies/dependency.store.js';
import { FleetStore } from '../../src/features/fleet/fleet.store.js';
import type { FleetGrouping } from '../../src/features/fleet/fleet.sql.js';
import type { ReceivedFilter } from '../../src/features/receivers/reports/received-report.filter.js';
import { ReceivedReportStore } from '../../src/features/receivers/reports/received-report.store.js';
import { TargetPackageStore } from '../../src/features/fleet/target-package.store.js';
import { ReconcileStore } from '../../src/features/variants/reconcile/reconcile.store.js';
import { VariantWatchStore } from '../../src/features/variants/reconcile/variant-watch.store.js';
import { VARIANT_SET_SORTS, type VariantSetFilter } from '../../src/features/variants/variant-set.filter.js';
import { VariantSetStore } from '../../src/features/variants/variant-set.store.js';
import { VARIANT_SORTS, type VariantFilter } from '../../src/features/variants/variant.filter.js';
import { VariantStore } from '../../src/features/variants/variant.store.js';
import { CampaignItemStore } from '../../src/features/campaigns/campaign-item.store.js';
import {
  CAMPAIGN_SORTS,
  type CampaignFilter,
  type CampaignItemFilter,
} from '../../src/features/campaigns/campaign.filter.js';
import { CampaignStore } from '../../src/features/campaigns/campaign.store.js';
import { TARGET_SORTS, type TargetFilter } from '../../src/features/targets/target.filter.js';
import { TargetStore } from '../../src/features/targets/target.store.js';
import { StoredMetricSources } from '../../src/health/metric-sources.js';
import { RepositoryStore } from '../../src/features/repositories/repository.store.js';
import { BoundedReads } from '../../src/features/search/bounded-reads.store.js';
import { SearchStore } from '../../src/features/search/search.store.js';
import { parseQuery } from '../../src/search/parse-query.js';
import { EngineStore } from '../../src/operations/engine/engine.store.js';
import { PollingStore } from '../../src/operations/engine/polling.store.js';
import { OPERATION_SORTS, type OperationFilter } from '../../src/features/operations/operation.filter.js';
import { OperationStore } from '../../src/features/operations/operation.store.js';
import { DiscoveredPublications } from '../../src/revisions/discovered-publications.js';
import { Approvals } from '../../src/revisions/approvals.js';
import { RevisionNumbers } from '../../src/revisions/revision-numbers.js';
import type { DriftFilter } from '../../src/features/drift/drift.filter.js';
import { DriftListStore } from '../../src/features/drift/drift-list.store.js';
import { firstUuidAt } from '../../src/domain/uuid.js';
import { packagesOn, revisionWriterOn } from '../support/upstreams.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { AUDIT_START, auditTime, fillContent, fillIndex, GIANT_START, idIn, timeAt } from '../support/filled-index.js';
import { eventsOn } from '../support/events.js';
import { openExplainedDatabase, type Plan, rowsRead } from '../support/query-plans.js';

const FILL = { repositories: 2_500, packages: 4, revisions: 5, operations: 50_000, auditEntries: 50_000, giant: 7_000 };
const REVISIONS = FILL.repositories * FILL.packages * FILL.revisions;

/** How many rows a page shows. */
const size = 100;

/**
 * What a page may look at: a share of the table where filters meet that are common each by itself, and never the table.
 * Entries that are read of an index alone, to be joined with those of another, cost next to nothing.
 */
const MOST_ROWS = REVISIONS / 10;
const MOST_ENTRIES = REVISIONS / 4;

const ENTRIES_ONLY = ['Bitmap Index Scan', 'Index Only Scan'];

let filled: TestDatabase;
let database: Database;
let takePlans: () => Promise<Plan[]>;
const used = new Set<string>();

beforeAll(async () => {
  filled = await createTestDatabase();
  const client = new pg.Client(filled.url);
  await client.connect();
  await fillIndex(client, FILL);
  await fillContent(client);
  await client.end();
  ({ database, takePlans } = openExplainedDatabase(filled.url));
}, 180_000);
afterAll(async () => {
  await database.onModuleDestroy();
  await filled.drop();
});

/**
 * Runs a list and fails where one of its statements read a table through, or many more rows than it shows. A table that
 * is `small` beside what is listed may be joined as a whole.
 */
async function expectIndexed(
  list: () => Promise<unknown>,
  given: readonly string[] = [],
  mostRows = MOST_ROWS,
): Promise<void> {
  // What many are made from is one row.
  const small = [...given, 'upstream'];
  await takePlans();
  await list();
  const plans = await takePlans();
  expect(plans.length).toBeGreaterThan(0);
  for (const { lines, nodes } of plans) {
    const scans = nodes.filter((node) => node['Node Type'] === 'Seq Scan').map((node) => node['Relation Name'] ?? '');
    expect(
      scans.filter((table) => !small.includes(table)),
      `reads through a table:\n${lines}`,
    ).toEqual([]);
    for (const node of nodes) {
      const what = `${node['Node Type']} ${node['Index Name'] ?? ''} reads too much:\n${lines}`;
      const most = ENTRIES_ONLY.includes(node['Node Type']) ? MOST_ENTRIES : mostRows;
      expect(rowsRead(node), what).toBeLessThanOrEqual(most);
      if (node['Index Name'] !== undefined) used.add(node['Index Name']);
    }
  }
}

/** A list for each filter by itself. A filter that is missing does not compile. */
function eachOf<Filter extends object>(given: Required<Filter>): [string, Filter][] {
  return Object.entries(given).map(([name, value]) => [name, { [name]: value } as Filter]);
}

const values = {
  repository: 'repository-1234',
  repositoryId: idIn('repository', 1234),
  target: 'edge-77',
  realm: 'realm-7',
  package: 'package-77',
  path: 'edge-77/realm-77/package-77',
  workspace: 'change-64',
  revision: 'v4',
  lifecycle: ['proposed'],
  latest: true,
  upstreamRevisionId: idIn('package_revision', 20),
  upstream: { repository: 'repository-2', path: 'edge-1/realm-1/package-1', revision: 'v1' },
  upstreamPackageId: idIn('package', 20),
  upstreamState: ['behind'],
  labelSelector: 'team=team-3',
  packageLabelSelector: 'team=team-3',
  createdBy: 'person-7',
  updatedBy: 'person-8',
  publishedBy: 'person-9',
  createdSince: timeAt(0.99),
  createdUntil: timeAt(0.01),
  updatedSince: timeAt(0.99),
  updatedUntil: timeAt(0.02),
  publishedSince: timeAt(0.99),
  publishedUntil: timeAt(0.02),
  asOf: timeAt(0.02),
  waitingFor: 'me',
  q: 'Y-1234.realm',
} satisfies Required<RevisionFilter>;

/** Every order of a list, in both directions. */
const orders = (sorts: object): string[] => Object.keys(sorts).flatMap((name) => [name, `-${name}`]);

const pathsOf = (...given: [repository: number, pattern: string][]): Visibility => ({
  repositoryIds: [],
  paths: given.map(([number, pattern]) => ({
    repositoryId: idIn('repository', number),
    pattern: PathPattern.parse(pattern),
  })),
});

const FEW: [string, Visibility][] = [
  ['three paths', pathsOf([12, 'edge-4*/**'], [1234, 'edge-*/**'], [2001, 'realm-0/**'])],
  ['some of the giant', pathsOf([1, 'giant/package-2684355*'], [12, 'edge-4*/**'])],
  ['three repositories', { repositoryIds: [12, 1234, 2001].map((number) => idIn('repository', number)), paths: [] }],
  ['nothing', { repositoryIds: [], paths: [] }],
];

describe('the filled index', () => {
  it.each([0.01, 0.1, 0.5])(
    'has about the share %d of its revisions created, published and changed in that share of its time',
    async (share) => {
      const [found] = await filled.database.client.$queryRaw<Record<string, number>[]>`
      SELECT avg((created_at < ${timeAt(share)})::int)::float8 AS created,
        avg((published_at < ${timeAt(share)})::int)::float8 AS published, avg((updated_at < ${timeAt(share)})::int)::float8 AS changed
      FROM package_revision WHERE id < ${idIn('package_revision', GIANT_START)}::uuid`;
      expect(found?.created).toBeGreaterThan(share * 0.8);
      expect(found?.created).toBeLessThan(share * 1.2);
      expect(found?.published).toBeLessThan(share);
      expect(found?.changed).toBeLessThan(share);
      expect(found?.changed).toBeGreaterThan(share > 0.01 ? share * 0.4 : 0);
    },
  );

  it('has times that follow the ids in part, and people of whom a few do most', async () => {
    const [found] = await filled.database.client.$queryRaw<{ correlation: number; people: bigint; busiest: number }[]>`
      SELECT corr(place, moment)::float8 AS correlation, count(DISTINCT created_by) AS people,
        avg((created_by = 'person-0')::int)::float8 AS busiest
      FROM (
        SELECT row_number() OVER (ORDER BY id) AS place, extract(epoch FROM created_at) AS moment, created_by
        FROM package_revision WHERE id < ${idIn('package_revision', GIANT_START)}::uuid
      ) r`;
    expect(found?.correlation).toBeGreaterThan(0.6);
    expect(found?.correlation).toBeLessThan(0.95);
    expect(Number(found?.people)).toBeGreaterThan(200);
    expect(found?.busiest).toBeGreaterThan(0.1);
  });
});

/** Of the past: tombstones are few beside revisions, and of each package on the page all versions are looked at once. */
const pastOf = ({ asOf, upstreamState }: RevisionFilter): [string[], number?] => {
  const small = smallFor({ upstreamState });
  return asOf ? [[...small, 'deleted_revision'], MOST_ROWS + FILL.giant] : [small];
};

/** Few packages are composed of others: what of them is in a state is found at once. */
const smallFor = ({ upstreamState }: Pick<RevisionFilter, 'upstreamState'>): string[] =>
  upstreamState ? ['subpackage'] : [];

describe('package revisions', () => {
  const lists: [string, RevisionFilter][] = [
    ['no filter', {}],
    ...eachOf<RevisionFilter>(values),
    ['none of its name', { repository: 'none' }],
    ['no target', { target: '' }],
    ['a rare revision', { revision: 'v9.9.9' }],
    ['a usual state', { lifecycle: ['published'] }],
    ['a rare state', { lifecycle: ['deletionProposed'] }],
    ['two states', { lifecycle: ['draft', 'proposed'] }],
    ['not latest', { latest: false }],
    ...UPSTREAM_STATES.map((state): [string, RevisionFilter] => [
      `an upstream that is ${state}`,
      { upstreamState: [state] },
    ]),
    ['two states of upstreams', { upstreamState: ['gone', 'diverged'] }],
    ['no upstream, or one that is gone', { upstreamState: ['none', 'gone'] }],
    ['a label of two', { labelSelector: 'team in (team-1, team-2)' }],
    ['a label that is there', { labelSelector: 'tier' }],
    ['a label that none has', { labelSelector: 'nobody' }],
    ['a label that is not there', { labelSelector: '!tier' }],
    ['a label of the package that is not there', { packageLabelSelector: '!tier' }],
    ['a label that is another', { labelSelector: 'team!=team-1' }],
    ...[0.02, 0.5, 0.99].map((share): [string, RevisionFilter] => [
      `what was there at ${share}`,
      { asOf: timeAt(share) },
    ]),
    ['what a repository had as its latest then', { asOf: timeAt(0.5), latest: true, repository: 'repository-1234' }],
    ['what a repository had then', { asOf: timeAt(0.5), repository: 'repository-1234' }],
    ['a usual part of the name', { q: 'realm' }],
    ['a part that no name has', { q: 'nowhere' }],
    ...(['created', 'updated', 'published'] as const).flatMap((deed): [string, RevisionFilter][] => [
      [`${deed} by the busiest`, { [`${deed}By`]: 'person-0' }],
      [`${deed} by nobody`, { [`${deed}By`]: 'nobody' }],
      ...[0.01, 0.1, 0.5].flatMap((share): [string, RevisionFilter][] => [
        [`${deed} in the last ${share * 100} %`, { [`${deed}Since`]: timeAt(1 - share) }],
        [`${deed} in the first ${share * 100} %`, { [`${deed}Until`]: timeAt(share) }],
        [
          `${deed} by the busiest in the last ${share * 100} %`,
          { [`${deed}By`]: 'person-0', [`${deed}Since`]: timeAt(1 - share) },
        ],
      ]),
    ]),
  ];
  const starts: [string, Place | undefined][] = [
    ['from the start', undefined],
    ['from the middle', [idIn('package_revision', REVISIONS / 2)]],
  ];
  describe.each(starts)('%s', (_, after) => {
    it.each(lists)('%s', async (_name, filter) => {
      const place = after && orderOf(filter).sort.length > 1 ? [timeAt(0.5).toISOString(), ...after] : after;
      await expectIndexed(
        () => new PackageRevisionStore(database).list(filter, 'all', { after: place, size }),
        ...pastOf(filter),
      );
    });
  });

  describe.each(orders(REVISION_SORTS))('by %s', (sort) => {
    // What is common and has nothing to do with the order may take long to find in it.
    const { latest: _1, realm: _2, revision: _3, q: _4, ...rare } = values;
    const time = sort.replace(/^-|At$/g, '');
    const own = Object.entries(rare).filter(([name]) => name.startsWith(time) || !/(By|Since|Until|^asOf)$/.test(name));
    // No draft is in a list by its publication.
    const states: Lifecycle[][] = [
      ['published'],
      ['deletionProposed'],
      time === 'published' ? [] : ['draft', 'proposed'],
    ];
    const bounds = time === 'name' ? [] : [0.1, 0.5];
    const filters: [string, RevisionFilter][] = [
      ['no filter', {}],
      ...own.map(([name, value]): [string, RevisionFilter] => [name, { [name]: value }]),
      ...states
        .filter(({ length }) => length > 0)
        .map((lifecycle): [string, RevisionFilter] => [lifecycle.join(), { lifecycle }]),
      ...bounds.flatMap((share): [string, RevisionFilter][] => [
        [`in the first ${share}`, { [`${time}Until`]: timeAt(share) }],
        [`in the last ${share}`, { [`${time}Since`]: timeAt(1 - share) }],
      ]),
    ];
    // Names of the giant come before most others.
    const most = MOST_ROWS + (time === 'name' ? FILL.giant : 0);
    const list = (filter: RevisionFilter, after?: Place) =>
      new PackageRevisionStore(database).list(filter, 'all', { sort, size, after });
    it.each(filters)('%s', async (_name, filter) => {
      await expectIndexed(() => list(filter), smallFor(filter), most);
    });

    it('from the middle', async () => {
      const half = time === 'name' ? ['m'] : [timeAt(0.5).toISOString(), idIn('package_revision', REVISIONS / 2)];
      await expectIndexed(() => list({}, half));
    });
  });

  it('latest, where thousands that are not lie before it', async () => {
    const after = [idIn('package_revision', GIANT_START)];
    await expectIndexed(() => new PackageRevisionStore(database).list({ latest: true }, 'all', { after, size }));
  });

  describe.each(FEW)('for a caller who may see %s', (_, visible) => {
    it.each(lists)('%s', async (_name, filter) => {
      await expectIndexed(() => new PackageRevisionStore(database).list(filter, visible, { size }), ...pastOf(filter));
    });
  });

  const names = Object.keys(values) as (keyof typeof values)[];
  const pairs = names
    .flatMap((a, index) => names.slice(index + 1).map((b) => [a, b] as const))
    // What is proposed is never the latest: nothing tells the planner that the two exclude each other.
    .filter(([a, b]) => a !== 'lifecycle' || b !== 'latest')
    // Each version of the giant is compared with all its others.
    .filter(([a, b]) => a !== 'latest' || b !== 'asOf')
    // The planner meets the two in the entries of indexes, which are cheap.
    .filter(([a, b]) => a !== 'packageLabelSelector' || b !== 'asOf');
  it.each(pairs)('%s and %s', async (a, b) => {
    const filter = { [a]: values[a], [b]: values[b] };
    await expectIndexed(() => new PackageRevisionStore(database).list(filter, 'all', { size }), ...pastOf(filter));
  });
});

describe('packages', () => {
  const lists: [string, PackageFilter][] = [
    ['no filter', {}],
    ['the giant', { repository: 'repository-1' }],
    ...eachOf<PackageFilter>({
      repository: values.repository,
      repositoryId: values.repositoryId,
      target: values.target,
      realm: values.realm,
      package: values.package,
      name: values.package,
      path: values.path,
      headState: 'differs',
      driftState: 'open',
      upstreamState: ['behind'],
      deliveryState: ['failed'],
      health: ['degraded'],
      labelSelector: values.labelSelector,
      asOf: timeAt(0.99),
      q: 'e-1234/realm',
    }),
    ...UPSTREAM_STATES.map((state): [string, PackageFilter] => [
      `an upstream that is ${state}`,
      { upstreamState: [state] },
    ]),
    ['two states of upstreams', { upstreamState: ['gone', 'diverged'] }],
    ['what is there', { deliveryState: ['delivered'], health: ['healthy', 'unknown'] }],
    ['what a repository had then', { asOf: timeAt(0.5), repository: values.repository }],
    ['a label that is not there', { labelSelector: '!tier' }],
    ['a part that no path has', { q: values.q }],
    ['no target', { target: '' }],
    ['several', { repository: values.repository, realm: values.realm, q: 'package' }],
  ];
  describe.each([
    ['from the start', undefined],
    ['from the middle', [idIn('package', 5_000)]],
    ['before the giant', [idIn('package', GIANT_START - 10)]],
  ])('%s', (_, after) => {
    it.each(lists)('%s', async (_name, filter) => {
      const most = MOST_ROWS + (filter.asOf ? FILL.giant : 0);
      const small = ['repository', ...smallFor(filter)];
      await expectIndexed(() => new PackageStore(database).list(filter, 'all', { after, size }), small, most);
    });
  });

  it.each(orders(PACKAGE_SORTS))('by %s', async (sort) => {
    const list = (filter: PackageFilter, after?: Place) =>
      new PackageStore(database).list(filter, 'all', { sort, size, after });
    const id = idIn('package', 5_000);
    await expectIndexed(() => list({}), ['repository']);
    await expectIndexed(() => list({}, sort.endsWith('createdAt') ? [id] : ['m', id]), ['repository']);
    await expectIndexed(() => list({ repository: values.repository }), ['repository']);
  });
});

describe('the history of a package', () => {
  it.each(orders(HISTORY_SORTS))('by %s', async (sort) => {
    const store = new PackageHistoryStore(database);
    const half = [timeAt(0.5).toISOString(), '5'];
    for (const [number, most] of [
      [1_234, MOST_ROWS],
      [GIANT_START, MOST_ROWS + FILL.giant],
    ] as const) {
      const place = await store.placeOf(idIn('package', number));
      if (place === null) throw new Error('There is no such package');
      await expectIndexed(() => store.list(place, { sort, size }), ['deleted_revision', 'approval'], most);
      await expectIndexed(() => store.list(place, { sort, size, after: half }), ['deleted_revision', 'approval'], most);
    }
  });
});

describe('events', () => {
  const middle = (AUDIT_START + (REVISIONS / 2) * 1000) * 1000;
  const given = {
    after: middle,
    type: ['packageRevision.rejected'],
    repositoryId: idIn('repository', 1234),
    path: values.path,
    packageRevisionId: idIn('package_revision', 20),
    actor: 'person-7',
  } satisfies Required<EventFilter>;
  const sight = (visibility: Visibility): EventSight => ({
    ...{ repository: visibility, package: visibility, packageRevision: visibility, operation: visibility },
    ...{ drift: visibility, webhook: visibility, target: visibility, variant: visibility, campaign: visibility },
  });
  const lists: [string, EventFilter][] = [
    ['no filter', {}],
    ...eachOf<EventFilter>(given),
    ['usual ones', { type: ['operation.finished'] }],
  ];
  const list = (filter: EventFilter, seen: EventSight) =>
    new EventListStore(database).list(filter, seen, { after: undefined, size });
  describe.each([undefined, middle])('behind %s', (after) => {
    it.each(lists)('%s', async (_name, filter) => {
      await expectIndexed(() => list({ after, ...filter }, sight('all')));
    });

    it.each(FEW)('as seen by whoever may see %s', async (_name, visibility) => {
      await expectIndexed(() => list({ after }, sight(visibility)), [], FILL.giant * 2);
      await expectIndexed(() => list({ ...given, after }, sight(visibility)), [], FILL.giant * 2);
    });
  });
});

describe('drift', () => {
  const given = {
    repository: values.repository,
    repositoryId: values.repositoryId,
    path: values.path,
    packageRevisionId: idIn('package_revision', 20),
    kind: ['tagMoved'],
    state: ['open'],
  } satisfies Required<DriftFilter>;
  const lists: [string, DriftFilter][] = [
    ['no filter', {}],
    ...eachOf<DriftFilter>(given),
    ['what is over', { state: ['resolved'] }],
    ['what is over of a kind', { state: ['resolved'], kind: ['tagMoved'] }],
    ['all filters', given],
  ];
  const list = (filter: DriftFilter, visible: Visibility) =>
    new DriftListStore(database).list(filter, visible, { size });
  it.each(lists)('%s', async (_name, filter) => {
    // What is not resolved is few.
    await expectIndexed(() => list(filter, 'all'));
  });

  it.each(FEW)('as seen by whoever may see %s', async (_name, visibility) => {
    await expectIndexed(() => list({}, visibility));
    await expectIndexed(() => list({ state: ['resolved'] }, visibility));
  });
});

describe('campaigns', () => {
  // A few hundred rows, of which an order or a name is looked up.
  const small = ['campaign'];
  const lists: [string, CampaignFilter][] = [
    ['no filter', {}],
    ...eachOf<CampaignFilter>({
      ...{ name: 'campaign-7', state: ['running'], createdBy: 'person-7' },
      ...{ packageId: idIn('package', 20), q: 'GN-77' },
    }),
  ];
  describe.each(orders(CAMPAIGN_SORTS))('by %s', (sort) => {
    it.each(lists)('%s', async (_name, filter) => {
      const sight = { user: 'ada', packages: 'all' } as const;
      await expectIndexed(() => new CampaignStore(database).list(filter, sight, { sort, size }), small);
    });
  });

  describe.each(FEW)('for a caller who may see %s', (_, packages) => {
    it.each(lists)('%s', async (_name, filter) => {
      const sight = { user: 'person-3', packages };
      // Without an order by places, what is seen of each campaign is looked for in its items.
      await expectIndexed(() => new CampaignStore(database).list(filter, sight, { size }), small, MOST_ROWS * 3);
    });
  });

  const items: [string, CampaignItemFilter][] = [
    ['no filter', {}],
    ...eachOf<CampaignItemFilter>({ state: ['failed'], wave: 1, packageId: idIn('package', 20) }),
  ];
  it.each(items)('items: %s', async (_name, filter) => {
    const list = () => new CampaignItemStore(database).list(idIn('campaign', 1), filter, 'all', { size });
    await expectIndexed(list);
  });
});

describe('targets', () => {
  // A few thousand rows beside all others, of which an order or a name is looked up.
  const small = ['target'];
  const everything = { packages: 'all', repositories: 'all' } as const;
  const lists: [string, TargetFilter][] = [
    ['no filter', {}],
    ...eachOf<TargetFilter>({
      name: 'edge-77',
      labelSelector: 'region=south',
      repositoryId: values.repositoryId,
      q: 'GE-77',
    }),
  ];
  describe.each(orders(TARGET_SORTS))('by %s', (sort) => {
    it.each(lists)('%s', async (_name, filter) => {
      await expectIndexed(() => new TargetStore(database).list(filter, everything, { sort, size }), small);
    });
  });

  describe.each(FEW)('for a caller who may see %s', (_, packages) => {
    const repositories =
      packages === 'all' ? [] : [...packages.repositoryIds, ...packages.paths.map((one) => one.repositoryId)];
    const sight = { packages, repositories: { repositoryIds: repositories, paths: [] } };
    it.each(lists)('%s', async (_name, filter) => {
      await expectIndexed(() => new TargetStore(database).list(filter, sight, { size }), small);
    });
  });
});

describe('what a receiver of a delivery tool was sent', () => {
  const receiver = idIn('package', 7);
  beforeAll(async () => {
    await filled.database.client.$executeRaw`
      INSERT INTO receiver (id, name, type, sealed, created_at, created_by, updated_at, updated_by)
      SELECT id, name, 'generic', '', now(), 'ada', now(), 'ada' FROM package LIMIT 100`;
    await filled.database.client.$executeRaw`
      INSERT INTO receiver (id, name, type, sealed, created_at, created_by, updated_at, updated_by)
      VALUES (${receiver}::uuid, 'flux', 'flux', '', now(), 'ada', now(), 'ada') ON CONFLICT DO NOTHING`;
    await filled.database.client.$executeRaw`
      INSERT INTO receiver_repository (receiver_id, repository_id)
      SELECT ${receiver}::uuid, id FROM repository WHERE name LIKE 'repository-1__'`;
    await filled.database.client.$executeRaw`
      INSERT INTO received_delivery (receiver_id, digest, received_at, outcome, package_id)
      SELECT v.id, 'digest-' || n, now() - n * interval '1 second', 'reported', CASE WHEN n % 3 = 0 THEN ${receiver}::uuid END
      FROM receiver v CROSS JOIN generate_series(1, 500) n`;
    await filled.database.client.$executeRaw`ANALYZE receiver, receiver_repository, received_delivery`;
  });

  it.each<[string, ReceivedFilter]>([
    ['is listed', {}],
    ['is listed by what came of it', { outcome: ['ignored'] }],
  ])('%s', async (_, filter) => {
    await expectIndexed(
      () => new ReceivedReportStore(database).list(receiver, filter, { size }),
      ['receiver_repository'],
    );
  });

  it('is about a package that is found by its id, or by its name', async () => {
    const store = new ReceivedReportStore(database);
    const small = ['receiver_repository', 'repository'];
    await expectIndexed(() => store.isOwn(receiver, idIn('package', 20)), small);
    await expectIndexed(() => store.packagesLike(receiver, ['edge%77%realm%77%package%77']), small);
  });
});

describe('variants', () => {
  const lists: [string, VariantFilter][] = [
    ['no filter', {}],
    ...eachOf<VariantFilter>({
      name: 'variant-77',
      variantSetId: idIn('variant', 1_000_007),
      upstreamPackageId: idIn('package', 77),
      repositoryId: values.repositoryId,
      target: values.target,
      path: values.path,
      state: ['blocked'],
    }),
  ];
  // A set, or a repository, has a few thousand members at most, which are put in order.
  const most = 3_000;
  describe.each(orders(VARIANT_SORTS))('by %s', (sort) => {
    it.each(lists)('%s', async (_name, filter) => {
      await expectIndexed(() => new VariantStore(database).list(filter, 'all', { sort, size }), [], most);
    });
  });

  it.each(FEW)('as seen by whoever may see %s', async (_, visibility) => {
    await expectIndexed(() => new VariantStore(database).list({}, visibility, { size }), [], most);
  });

  describe.each(orders(VARIANT_SET_SORTS))('sets by %s', (sort) => {
    it.each<[string, VariantSetFilter]>([
      ['no filter', {}],
      ...eachOf<VariantSetFilter>({ name: 'set-7', repositoryId: idIn('repository', 1234) }),
    ])('%s', async (_name, filter) => {
      const list = () => new VariantSetStore(database).list(filter, 'all', { sort, size });
      // Their members are counted.
      await expectIndexed(list, ['variant_set'], REVISIONS);
    });
  });

  it('that something happens to', async () => {
    const concerned = {
      ...{ packageIds: [idIn('package', 7)], targets: ['edge-7'], repositoryIds: [] },
      places: [{ repositoryId: idIn('repository', 1234), path: 'edge-1/x' }],
    };
    await expectIndexed(() => new VariantWatchStore(database).wake(concerned), ['variant_set'], most);
    await expectIndexed(() => new ReconcileStore(database).takeDue(5), ['variant_set'], most);
    await expectIndexed(() => new ReconcileStore(database).followed(idIn('package', 7), 'v1'));
  });
});

describe('the fleet', () => {
  // What is counted is every package with a target, and no revision but the latest and what is open.
  const counted = ['target', 'package', 'repository', 'subpackage'];
  const most = REVISIONS / 2;
  const fleet = () => new FleetStore(database);
  it.each<FleetGrouping>([{ by: 'target' }, { by: 'label', key: 'region' }, { by: 'upstream' }, { by: 'repository' }])(
    'by $by',
    async (grouping) => {
      await expectIndexed(() => fleet().groups(grouping, 'all', { size }), counted, most);
    },
  );

  it('by target, of which a page reads no more than the packages of its targets', async () => {
    await expectIndexed(() => fleet().groups({ by: 'target' }, 'all', { size: 2 }), ['target', 'subpackage'], 1_000);
  });

  it.each(FEW)('as seen by whoever may see %s', async (_, visible) => {
    await expectIndexed(() => fleet().groups({ by: 'target' }, visible, { size }), ['target', 'subpackage'], most);
  });

  it('beside a blueprint, and of one target', async () => {
    await expectIndexed(() => fleet().rows(idIn('package', 20), 'all', { size }), ['target']);
    await expectIndexed(() => fleet().columns(idIn('package', GIANT_START)), [], MOST_ROWS + FILL.giant);
    await expectIndexed(
      () => new TargetPackageStore(database).list(idIn('target', 20), 'all', { size }),
      ['repository', 'krm_object'],
    );
  });
});

it('counts what waits for a decision for the metrics', async () => {
  const none = undefined as never;
  await expectIndexed(() => new StoredMetricSources(database, none, none, none).proposals());
});

describe('dependencies', () => {
  const store = () => new DependencyStore(database);
  const wanted = { objects: [{ kind: 'ConfigMap', name: 'object-7' }], groups: ['example.com'], secrets: ['keys'] };
  const target = { target: 'edge-7' };
  const repository = { repositoryId: idIn('repository', 1234) };

  it.each([target, repository])('in %j', async (scope) => {
    const from = { path: 'edge-7/a', id: idIn('package', 7) };
    const small = ['repository', 'krm_object'];
    await expectIndexed(() => store().list(scope, idIn('package', 20), 'all', { from, size: 101 }), small);
    await expectIndexed(() => store().offers(scope, wanted, 'all'), small);
    await expectIndexed(() => store().named(scope, ['web'], 'all'), small);
  });

  it.each(FEW)('as seen by whoever may see %s', async (_, visible) => {
    await expectIndexed(() => store().list(target, null, visible, { from: null, size: 101 }), ['repository']);
    await expectIndexed(() => store().offers(target, wanted, visible), ['repository', 'krm_object']);
  });

  it('by ids and trees', async () => {
    await expectIndexed(() => store().packages([idIn('package', 7)], 'all'), ['repository']);
    const [row] = await store().packages([idIn('package', 7)], 'all');
    await expectIndexed(() => store().objects([row?.tree ?? '']), ['krm_object']);
  });
});

describe('repositories', () => {
  const lists: [string, RepositoryFilter][] = [
    ['no filter', {}],
    ...eachOf<RepositoryFilter>({
      name: values.repository,
      deployment: true,
      labelSelector: 'team=network',
      q: 'tory-123',
    }),
  ];
  describe.each([
    ['from the start', undefined],
    ['from the middle', ['repository-2']],
  ])('%s', (_, after) => {
    it.each(lists)('%s', async (_name, filter) => {
      await expectIndexed(() =>
        new RepositoryStore(database).list(filter, { repositories: 'all', packages: 'all' }, { after, size }),
      );
    });
  });

  it.each(orders(REPOSITORY_SORTS))('by %s', async (sort) => {
    const seen = { repositories: 'all', packages: 'all' } as const;
    await expectIndexed(() => new RepositoryStore(database).list({}, seen, { sort, size }));
  });
});

describe('operations', () => {
  const lists: [string, OperationFilter][] = [
    ['no filter', {}],
    ...eachOf<OperationFilter>({
      repository: values.repository,
      repositoryId: values.repositoryId,
      revisionId: idIn('package_revision', 3_000),
      kind: ['delete'],
      state: ['running'],
    }),
    ['a usual kind', { kind: ['sync', 'push'] }],
    ['a usual state', { state: ['succeeded'] }],
    ['two states', { state: ['queued', 'failed'] }],
    ['repository and state', { repository: values.repository, state: ['failed'] }],
    ['kind and state', { kind: ['publish'], state: ['queued'] }],
  ];
  describe.each([
    ['from the start', undefined],
    ['from the middle', [idIn('operation', 25_000)]],
  ])('%s', (_, after) => {
    it.each(lists)('%s', async (_name, filter) => {
      await expectIndexed(() => new OperationStore(database).list(filter, 'all', { after, size }));
    });
  });

  it.each(orders(OPERATION_SORTS).flatMap((sort) => lists.map(([name, filter]) => [sort, name, filter] as const)))(
    'by %s: %s',
    async (sort, _, filter) => {
      await expectIndexed(() => new OperationStore(database).list(filter, 'all', { sort, size }));
    },
  );

  it('open ones of a revision', async () => {
    const store = new PackageRevisionStore(database);
    await expectIndexed(() => store.lock(idIn('package_revision', GIANT_START + FILL.giant)));
  });
});

describe('audit entries', () => {
  const lists: [string, AuditFilter][] = [
    ['no filter', {}],
    ...eachOf<AuditFilter>({
      actor: 'person-7',
      action: ['createApiToken'],
      outcome: 'denied',
      resourceType: 'ApiToken',
      resourceId: idIn('package_revision', 1_234),
      repositoryId: values.repositoryId,
      path: 'realm/package-77',
      requestId: 'request-12345',
      since: auditTime(49_990),
      until: auditTime(10),
    }),
    ['the busiest actor', { actor: 'person-0' }],
    ['nobody', { actor: 'nobody' }],
    ['a usual action', { action: ['action-3'] }],
    ['actions', { action: ['createApiToken', 'deleteApiToken', 'action-3'] }],
    ['the usual outcome', { outcome: 'succeeded' }],
    ['a usual kind of resource', { resourceType: 'PackageRevision' }],
    ['none of its kind', { resourceType: 'Nothing' }],
    ['no such path', { path: 'nowhere' }],
    ...[0.01, 0.1, 0.5].flatMap((share): [string, AuditFilter][] => {
      const late = { since: auditTime(FILL.auditEntries * (1 - share)) };
      const early = { until: auditTime(FILL.auditEntries * share) };
      return [
        [`the last ${share * 100} %`, late],
        [`the first ${share * 100} %`, early],
        [`the busiest actor in the last ${share * 100} %`, { actor: 'person-0', ...late }],
        [`what was refused in the first ${share * 100} %`, { outcome: 'denied', ...early }],
      ];
    }),
    ['between', { since: auditTime(20_000), until: auditTime(20_030) }],
    ['actor and time', { actor: 'person-7', since: auditTime(20_000), until: auditTime(30_000) }],
    ['path and repository', { path: 'realm/package-77', repositoryId: values.repositoryId }],
    ['actor and outcome', { actor: 'person-7', outcome: 'denied' }],
  ];
  describe.each([
    ['from the start', undefined],
    ['from the middle', [firstUuidAt(auditTime(25_000))]],
  ])('%s', (_, after) => {
    it.each(lists)('%s', async (_name, filter) => {
      await expectIndexed(() => new AuditEntryStore(database).list(filter, { after, size }));
    });
  });

  it.each(orders(AUDIT_SORTS).flatMap((sort) => lists.map(([name, filter]) => [sort, name, filter] as const)))(
    'by %s: %s',
    async (sort, _, filter) => {
      await expectIndexed(() => new AuditEntryStore(database).list(filter, { sort, size }));
    },
  );

  it('are linked, exported and verified batch by batch', async () => {
    const store = new ChainStore(database);
    await expectIndexed(() => store.head());
    await expectIndexed(() => store.hasPending(), ['audit_pending']);
    await expectIndexed(() => store.pending(500), ['audit_pending']);
    await expectIndexed(() => store.links(0, 500));
    await expectIndexed(() => store.links(25_000, 2_000));
  });
});

describe('content', () => {
  it('is looked up, and told to be a package or not, tree by tree', async () => {
    const found = await filled.database.client.packageFile.findMany({
      where: { path: 'deployment.yaml' },
      orderBy: { treeOid: 'desc' },
      take: 125,
    });
    const store = new ContentStore(database, new SubpackageStore(database), BlobStore.none(database));
    const trees = found.map(({ treeOid }) => treeOid);
    const blobs = found.map(({ blobOid }) => ({ oid: blobOid, yaml: true }));
    await expectIndexed(() => store.describeTrees(trees));
    await expectIndexed(() => store.knownTrees(trees, { yaml: true }));
    await expectIndexed(() => store.knownBlobs(blobs));
    // None is in a blob store here.
    await expectIndexed(() => store.blobSizes(blobs.map(({ oid }) => oid)), ['blob_store_key']);
    expect((await store.describeTrees(trees)).map(({ isPackage }) => isPackage)).toEqual(trees.map(() => true));
  });
});

describe('a search', () => {
  let blob: string;
  beforeAll(async () => {
    const { client } = filled.database;
    await client.$executeRaw`ANALYZE krm_object, package_file, blob`;
    const [file] = await client.$queryRaw<{ oid: string }[]>`
      SELECT f.blob_oid AS oid FROM package_file f JOIN package_revision r ON r.tree = f.tree_oid
      WHERE r.latest AND f.path = 'deployment.yaml' LIMIT 1`;
    blob = file?.oid ?? '';
  });

  const queries: [string, (blob: string) => string][] = [
    ['kind and name', (oid) => `kind = Deployment AND name = web-${oid.slice(0, 8)}`],
    ['a label', (oid) => `label.app = app-${oid.slice(0, 4)}`],
    ['an image', (oid) => `image = nginx:${oid.slice(0, 4)}`],
    ['a value anywhere', (oid) => `spec.id = ${oid}`],
    ['one of several values', (oid) => `spec.id IN (${oid}, x, y)`],
    ['what is there, and what is not rare', (oid) => `spec.id = ${oid} AND spec.place < 3 AND kind : deploy`],
  ];
  describe.each<[string, RevisionFilter]>([
    ['of the latest', { latest: true }],
    ['of all', {}],
  ])('%s', (_, scope) => {
    it.each(queries)('by %s', async (_name, query) => {
      const search = { query: parseQuery(query(blob)), scope, visible: 'all' } as const;
      await expectIndexed(() => new SearchStore(new BoundedReads(database)).find(search, { size }));
      expect((await new SearchStore(new BoundedReads(database)).find(search, { size })).rows.length).toBeGreaterThan(0);
    });
  });

  it('takes objects of a common name in the order of its page, and ends with that', async () => {
    const { client } = filled.database;
    await client.$executeRaw`UPDATE krm_object SET name = 'common' WHERE position = 4 AND substr(blob_oid, 31, 2) < '08'`;
    await client.$executeRaw`ANALYZE krm_object`;
    const [all] = await client.$queryRaw<{ count: number }[]>`
      SELECT count(*)::int AS count FROM krm_object WHERE name = 'common'`;
    const search = {
      query: parseQuery('kind = Deployment AND name = common'),
      scope: { latest: true },
      visible: 'all',
    } as const;
    await takePlans();
    const { rows } = await new SearchStore(new BoundedReads(database)).find(search, { size: 10 });
    const [plan] = await takePlans();
    expect(rows).toHaveLength(10);
    const scans = plan?.nodes.filter((node) => node['Relation Name'] === 'krm_object') ?? [];
    expect(scans).toHaveLength(1);
    for (const scan of scans) expect(rowsRead(scan), plan?.lines).toBeLessThan((all?.count ?? 0) / 3);
  });

  it('knows by an index whether anything is left out', async () => {
    await expectIndexed(() => new SearchStore(new BoundedReads(database)).together(() => Promise.resolve()));
  });
});

const engineStore = () =>
  new EngineStore(
    database,
    new RevisionNumbers(database),
    new PackageRevisionStore(database),
    new StandingRights(readConfig({}), new AccessStore(database)),
    eventsOn(database).operations,
  );

describe('what workers ask and write all the time', () => {
  const revisions = () => new PackageRevisionStore(database);
  const packages = Array.from({ length: 100 }, (_, number) => idIn('package', 2_000 + number));
  it.each<[string, () => Promise<unknown>]>([
    ['which repositories are due', () => engineStore().due(20)],
    ['which repositories are polled', () => new PollingStore(database).claim(20, 60)],
    ['how many operations wait', () => engineStore().queued(values.repositoryId)],
    ['the latest versions of packages', () => revisions().latestOf(packages)],
    ['the latest version but one', () => revisions().latestBut(packages[0] ?? '', [])],
    ['what was published since', () => revisions().publishedSince(packages[0] ?? '', 'v1', 20)],
    ['what there is of a package', () => revisions().packageNow(packages[0] ?? '')],
    ['what follows from the revisions of packages', () => packagesOn(database).refresh(packages)],
    [
      'which revisions are upstreams of others',
      () => new DiscoveredPublications(database, revisionWriterOn(database)).linkUpstreams(packages),
    ],
  ])('%s', async (_, ask) => {
    // A short row for each repository at most; and what is told of a change, until it has its number.
    await expectIndexed(ask, ['lease', 'repository_polling', 'event_pending']);
  });
});

it('reads what a page of proposals is judged by', async () => {
  const store = new PackageRevisionStore(database);
  const approvals = new Approvals(database, revisionWriterOn(database), store, BlobStore.none(database));
  const some = Array.from({ length: 100 }, (_, number) => idIn('package_revision', 12_000 + number));
  // There are no approvals here.
  await expectIndexed(() => approvals.factsOf(some), ['repository', 'approval']);
  await expectIndexed(() => store.beside(some));
});

describe('one resource', () => {
  it('is found by its key', async () => {
    // Ten times: after five, the server may go on with one plan for all values.
    for (let time = 0; time < 10; time += 1) {
      await expectIndexed(() => new PackageRevisionStore(database).findDetail(idIn('package_revision', 4_321)));
      await expectIndexed(() => new PackageStore(database).find(idIn('package', 4_321)));
      await expectIndexed(() => new RepositoryStore(database).find(values.repositoryId, 'all'));
      await expectIndexed(() => new AuditEntryStore(database).find(firstUuidAt(auditTime(4_321))));
    }
  });
});

/** Not for lists: what a sync, the engine, the history of a package and the constraints need. */
const OTHER_PURPOSES = [
  'deleted_revision_package_id_idx',
  'operation_open_of_repository_idx',
  'package_revision_tag_idx',
  'package_revision_upstream_commit_idx',
  'repository_url_key_idx',
];

it('has no index on these tables that no list needs', async () => {
  const indexes = await filled.database.client.$queryRaw<{ name: string }[]>`
    SELECT indexrelid::regclass::text AS name FROM pg_index
    WHERE NOT indisunique AND indrelid::regclass::text 
      IN ('repository', 'package', 'package_revision', 'deleted_revision', 'operation', 'audit_entry', 'event', 'drift')`;
  const unused = indexes.map(({ name }) => name).filter((name) => !used.has(name) && !OTHER_PURPOSES.includes(name));
  expect(unused).toEqual([]);
});
