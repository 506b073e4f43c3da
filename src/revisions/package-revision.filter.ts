import type { Visibility } from '../access/grants.js';
import { visibleSql } from '../access/visibility.sql.js';
import { containsSql } from '../database/contains.sql.js';
import { type FilterOf, type Filters, conditionsOf } from '../database/filters.js';
import { type PackageRevision, Prisma } from '../database/generated/client.js';
import type { SortKey, Sorts } from '../database/list.sql.js';
import { labelSelectorSql } from '../database/label-selector.sql.js';
import { parseLabelSelector } from '../domain/label-selector.js';
import type { RevisionPlace } from '../domain/identity.js';
import type { Lifecycle } from '../domain/lifecycle.js';
import { kindsWhere } from '../domain/operation.js';
import type { UpstreamState } from '../domain/upstream-status.js';
import {
  anyOf,
  inUpstreamStates,
  isMadeFromPackage,
  isMadeFromRevision,
  type Parts,
} from './upstreams/upstream-status.sql.js';
import { publishedBySql } from './as-of.sql.js';

/** Filters that a revision meets by itself or by a folder, each as one of the indexes serves it. */
const IN_PARTS = {
  upstreamRevisionId: (id: string): Parts => isMadeFromRevision(Prisma.sql`${id}::uuid`),
  upstream: (place: RevisionPlace, visible: Visibility): Parts =>
    isMadeFromRevision(Prisma.sql`(${publishedAtSql(place, visible)})`),
  upstreamState: (states: UpstreamState[]): Parts =>
    inUpstreamStates(states, Prisma.sql`r.upstream_id`, (trees) => [Prisma.sql`r.tree IN (${trees})`]),
};

/** Conditions on a row `r` of package_revision, each as one of its indexes can serve it. */
const FILTERS = {
  repository: (name: string) => Prisma.sql`r.repository_id = (SELECT id FROM repository WHERE name = ${name})`,
  repositoryId: (id: string) => Prisma.sql`r.repository_id = ${id}::uuid`,
  /** An empty one stands for revisions without a target. */
  target: (target: string) => (target === '' ? Prisma.sql`r.target IS NULL` : Prisma.sql`r.target = ${target}`),
  realm: (realm: string) => Prisma.sql`r.realm = ${realm}`,
  package: (name: string) => Prisma.sql`r.package_name = ${name}`,
  path: (path: string) => Prisma.sql`r.path = ${path}`,
  workspace: (workspace: string) => Prisma.sql`r.workspace = ${workspace}`,
  revision: (revision: string) => Prisma.sql`r.revision = ${revision}`,
  lifecycle: (states: Lifecycle[]) => lifecycleIn(states),
  latest: (latest: boolean) => (latest ? Prisma.sql`r.latest` : Prisma.sql`NOT r.latest`),
  upstreamRevisionId: (id: string) => anyOf(IN_PARTS.upstreamRevisionId(id)),
  upstream: (place: RevisionPlace, visible: Visibility) => anyOf(IN_PARTS.upstream(place, visible)),
  upstreamPackageId: (id: string) => isMadeFromPackage(id),
  upstreamState: (states: UpstreamState[]) => anyOf(IN_PARTS.upstreamState(states)),
  labelSelector: (selector: string) => labelSelectorSql(Prisma.sql`r.labels`, parseLabelSelector(selector)),
  /** Of the package's labels. */
  packageLabelSelector: (selector: string) => Prisma.sql`EXISTS (
    SELECT 1 FROM package p WHERE p.id = r.package_id AND ${labelSelectorSql(Prisma.sql`p.labels`, parseLabelSelector(selector))})`,
  createdBy: (user: string) => Prisma.sql`r.created_by = ${user}`,
  updatedBy: (user: string) => Prisma.sql`r.updated_by = ${user}`,
  publishedBy: (user: string) => Prisma.sql`r.published_by = ${user}`,
  /** From this moment on. */
  createdSince: (moment: Date) => Prisma.sql`r.created_at >= ${moment}`,
  /** Before this moment. */
  createdUntil: (moment: Date) => Prisma.sql`r.created_at < ${moment}`,
  updatedSince: (moment: Date) => Prisma.sql`r.updated_at >= ${moment}`,
  updatedUntil: (moment: Date) => Prisma.sql`r.updated_at < ${moment}`,
  publishedSince: (moment: Date) => Prisma.sql`r.published_at >= ${moment}`,
  publishedUntil: (moment: Date) => Prisma.sql`r.published_at < ${moment}`,
  /** What was published then and is there still; what is not, the store adds. */
  asOf: (moment: Date) => publishedBySql('r', moment),
  /** What may wait for the caller; whether it does is up to `WaitingService`. Written out, so that the index of what is not the rule serves. */
  waitingFor: (_who: 'me') => Prisma.sql`r.lifecycle IN ('proposed', 'deletionProposed') AND NOT EXISTS (
    SELECT 1 FROM operation o WHERE o.revision_id = r.id AND o.state IN ('queued', 'running')
    AND o.kind = ANY(${BLOCKING}::"OperationKind"[]))`,
  /** A part of the name, in any case. */
  q: (part: string) => containsSql(Prisma.sql`r.name`, part),
} satisfies Filters<Prisma.Sql>;

const ID = { key: 'id', column: Prisma.sql`r.id`, type: 'id', order: 'ascending' } as const;
const time = (key: 'createdAt' | 'updatedAt' | 'publishedAt', column: Prisma.Sql) =>
  [{ key, column, type: 'time', order: 'ascending' }, ID] as const;

/** Of a row that has all of them: what was never published is in no list by `publishedAt`. */
type Sorted = Pick<PackageRevision, 'id' | 'name' | 'createdAt' | 'updatedAt'> & { publishedAt: Date };

export const REVISION_SORTS: Sorts<SortKey<Sorted>> = {
  name: [{ key: 'name', column: Prisma.sql`r.name`, type: 'text', order: 'ascending' }],
  createdAt: time('createdAt', Prisma.sql`r.created_at`),
  updatedAt: time('updatedAt', Prisma.sql`r.updated_at`),
  publishedAt: time('publishedAt', Prisma.sql`r.published_at`),
};

export type RevisionFilter = FilterOf<typeof FILTERS>;

export const revisionConditions = (filter: RevisionFilter, visible: Visibility): Prisma.Sql[] =>
  conditionsOf(FILTERS, filter, visible);

/** Takes a filter that has parts out of the others. Those that are left of several stay whole: two lists in parts would be four. */
export function takeParted(
  { upstreamRevisionId, upstream, upstreamState, ...others }: RevisionFilter,
  visible: Visibility,
): { parts: Parts; others: RevisionFilter } {
  if (upstreamRevisionId !== undefined) {
    return { parts: IN_PARTS.upstreamRevisionId(upstreamRevisionId), others: { ...others, upstream, upstreamState } };
  }
  if (upstream !== undefined)
    return { parts: IN_PARTS.upstream(upstream, visible), others: { ...others, upstreamState } };
  return { parts: upstreamState === undefined ? [Prisma.sql`TRUE`] : IN_PARTS.upstreamState(upstreamState), others };
}

/** The filters by time and by people. */
export type Bounds = Pick<RevisionFilter, `${'created' | 'updated' | 'published'}${'By' | 'Since' | 'Until'}`>;

export const boundConditions = (bounds: Bounds): Prisma.Sql[] => conditionsOf(FILTERS, bounds);

export function splitFilter(filter: RevisionFilter): { bounds: Bounds; others: RevisionFilter } {
  const given = Object.entries(filter).filter(([, value]) => value !== undefined);
  const isBound = ([name]: [string, unknown]) => /^(created|updated|published)(By|Since|Until)$/.test(name);
  return {
    bounds: Object.fromEntries(given.filter(isBound)),
    others: Object.fromEntries(given.filter((entry) => !isBound(entry))),
  };
}

/** Those of the same that say where something is, of a row `d` of deleted_revision. */
export const placeConditions = ({ repository, repositoryId, path }: RevisionFilter): Prisma.Sql[] => [
  ...(repository === undefined
    ? []
    : [Prisma.sql`d.repository_id = (SELECT id FROM repository WHERE name = ${repository})`]),
  ...(repositoryId === undefined ? [] : [Prisma.sql`d.repository_id = ${repositoryId}::uuid`]),
  ...(path === undefined ? [] : [Prisma.sql`d.path = ${path}`]),
];

/** While one of these is under way, nobody decides. */
const BLOCKING = kindsWhere(({ blocksEdits }) => blocksEdits !== null);

/** The id of a revision that the caller may see; none of one that they may not, as of one that is not there. */
function publishedAtSql({ repository, path, revision }: RevisionPlace, visible: Visibility): Prisma.Sql {
  const seen = visibleSql(visible, 'u') ?? Prisma.sql`TRUE`;
  return Prisma.sql`SELECT u.id FROM package_revision u
    WHERE u.package_id = (SELECT p.id FROM package p JOIN repository s ON s.id = p.repository_id
      WHERE s.name = ${repository} AND p.path = ${path})
    AND u.revision = ${revision} AND ${seen}`;
}

/** One state alone keeps the order of its index; `ANY` of a single one does not. */
function lifecycleIn(states: readonly Lifecycle[]): Prisma.Sql {
  const [state] = states;
  return states.length === 1
    ? Prisma.sql`r.lifecycle = ${state}::"Lifecycle"`
    : Prisma.sql`r.lifecycle = ANY(${states}::"Lifecycle"[])`;
}
