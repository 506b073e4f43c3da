import { containsSql } from '../../database/contains.sql.js';
import { conditionsOf, type FilterOf, type Filters } from '../../database/filters.js';
import { Prisma, type Target } from '../../database/generated/client.js';
import { labelSelectorSql } from '../../database/label-selector.sql.js';
import type { SortKey, Sorts } from '../../database/list.sql.js';
import { parseLabelSelector } from '../../domain/label-selector.js';
import { packageSeenSql, repositorySeenSql, type TargetSight } from './target.sql.js';

/** Conditions on a row `t` of target. There are few targets beside packages: one index, of their names, serves. */
const FILTERS = {
  name: (name: string) => Prisma.sql`t.name = ${name}`,
  labelSelector: (selector: string) => labelSelectorSql(Prisma.sql`t.labels`, parseLabelSelector(selector)),
  repositoryId: (id: string, sight: TargetSight) => Prisma.sql`(
    t.repository_ids @> ARRAY[${id}::uuid] AND ${repositorySeenSql(sight.repositories, Prisma.sql`${id}::uuid`)} OR EXISTS (
      SELECT 1 FROM package p
      WHERE p.target = t.name AND p.repository_id = ${id}::uuid AND ${packageSeenSql(sight.packages)}))`,
  /** A part of the name, in any case. */
  q: (part: string) => containsSql(Prisma.sql`t.name`, part),
} satisfies Filters<Prisma.Sql>;

/** Ids are in the order of time. */
export const TARGET_SORTS: Sorts<SortKey<Pick<Target, 'id' | 'name'>>> = {
  name: [{ key: 'name', column: Prisma.sql`t.name`, type: 'text', order: 'ascending' }],
  createdAt: [{ key: 'id', column: Prisma.sql`t.id`, type: 'id', order: 'ascending' }],
};

export type TargetFilter = FilterOf<typeof FILTERS>;

export const targetConditions = (filter: TargetFilter, sight: TargetSight): Prisma.Sql[] =>
  conditionsOf(FILTERS, filter, sight);
