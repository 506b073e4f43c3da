import { containsSql } from '../database/contains.sql.js';
import { type FilterOf, type Filters, conditionsOf } from '../database/filters.js';
import { type Package, Prisma } from '../database/generated/client.js';
import { labelSelectorSql } from '../database/label-selector.sql.js';
import type { SortKey, Sorts } from '../database/list.sql.js';
import { parseLabelSelector } from '../domain/label-selector.js';
import type { DeliveryHealth, DeliveryState } from '../domain/delivery.js';
import type { PackageDriftState } from '../domain/drift.js';
import { anyOf, inUpstreamStates, type Parts } from './upstreams/upstream-status.sql.js';
import type { UpstreamState } from '../domain/upstream-status.js';
import type { HeadState } from '../domain/head-state.js';

/** That the newest report about a package `p`, a row `d`, meets a condition. */
const deliveredSql = (condition: Prisma.Sql): Prisma.Sql =>
  Prisma.sql`p.id IN (SELECT d.package_id FROM package_delivery d WHERE ${condition})`;

/** Conditions on a row `p` of package, each as one of its indexes can serve it. */
const FILTERS = {
  repository: (name: string) => Prisma.sql`p.repository_id = (SELECT id FROM repository WHERE name = ${name})`,
  repositoryId: (id: string) => Prisma.sql`p.repository_id = ${id}::uuid`,
  /** An empty one stands for packages without a target. */
  target: (target: string) => (target === '' ? Prisma.sql`p.target IS NULL` : Prisma.sql`p.target = ${target}`),
  realm: (realm: string) => Prisma.sql`p.realm = ${realm}`,
  package: (name: string) => Prisma.sql`p.name = ${name}`,
  /** The same as `package`. */
  name: (name: string) => Prisma.sql`p.name = ${name}`,
  path: (path: string) => Prisma.sql`p.path = ${path}`,
  headState: (state: HeadState) => Prisma.sql`p.head_state = ${state}::"HeadState"`,
  driftState: (state: PackageDriftState) => Prisma.sql`p.drift_state = ${state}::"PackageDrift"`,
  upstreamState: (states: UpstreamState[]) => anyOf(upstreamParts(states)),
  deliveryState: (states: DeliveryState[]) => deliveredSql(Prisma.sql`d.state = ANY(${states}::"DeliveryState"[])`),
  health: (healths: DeliveryHealth[]) => deliveredSql(Prisma.sql`d.health = ANY(${healths}::"DeliveryHealth"[])`),
  labelSelector: (selector: string) => labelSelectorSql(Prisma.sql`p.labels`, parseLabelSelector(selector)),
  /** With something published then, which the store has counted. */
  asOf: (_moment: Date) => Prisma.sql`n.count > 0`,
  /** A part of the path, in any case. */
  q: (part: string) => containsSql(Prisma.sql`p.path`, part),
} satisfies Filters<Prisma.Sql>;

/** The filter by the states of upstreams in parts, as the indexes serve them. */
export const upstreamParts = (states: UpstreamState[]): Parts =>
  inUpstreamStates(states, Prisma.sql`p.upstream_id`, ofLatest);

/** So many trees are looked up one by one sooner than PostgreSQL has found another way. */
const FEW_TREES = 2_000;

/**
 * The package's latest publication has one of these trees. A few are an array, so that PostgreSQL does not look through all
 * publications; where they are many it may as well go along the packages of the page. Only one of the two is carried out.
 */
function ofLatest(trees: Prisma.Sql): Prisma.Sql[] {
  const ofThese = (condition: Prisma.Sql) => Prisma.sql`p.id IN (
    SELECT l.package_id FROM package_revision l WHERE l.latest AND ${condition})`;
  const isFew = Prisma.sql`(SELECT count(*) <= ${FEW_TREES} FROM (${trees} LIMIT ${FEW_TREES + 1}) t)`;
  const few = ofThese(Prisma.sql`l.tree = ANY(ARRAY(${trees} LIMIT ${FEW_TREES}))`);
  return [
    Prisma.sql`(${isFew} AND ${few})`,
    Prisma.sql`(NOT ${isFew} AND ${ofThese(Prisma.sql`l.tree IN (${trees})`)})`,
  ];
}

const ID = { key: 'id', column: Prisma.sql`p.id`, type: 'id', order: 'ascending' } as const;
const text = (key: 'path' | 'name', column: Prisma.Sql) =>
  [{ key, column, type: 'text', order: 'ascending' }, ID] as const;

export const PACKAGE_SORTS: Sorts<SortKey<Pick<Package, 'id' | 'path' | 'name'>>> = {
  path: text('path', Prisma.sql`p.path`),
  name: text('name', Prisma.sql`p.name`),
  /** Ids are in the order of time. */
  createdAt: [ID],
};

export type PackageFilter = FilterOf<typeof FILTERS>;

export const packageConditions = (filter: PackageFilter): Prisma.Sql[] => conditionsOf(FILTERS, filter);
