import { containsSql } from '../../database/contains.sql.js';
import { type FilterOf, type Filters, conditionsOf } from '../../database/filters.js';
import { Prisma, type Repository } from '../../database/generated/client.js';
import { labelSelectorSql } from '../../database/label-selector.sql.js';
import type { SortKey, Sorts } from '../../database/list.sql.js';
import { parseLabelSelector } from '../../domain/label-selector.js';

/** Conditions on a row `r` of repository. */
const FILTERS = {
  name: (name: string) => Prisma.sql`r.name = ${name}`,
  deployment: (deployment: boolean) => Prisma.sql`r.deployment = ${deployment}`,
  labelSelector: (selector: string) => labelSelectorSql(Prisma.sql`r.labels`, parseLabelSelector(selector)),
  /** A part of the name, in any case. */
  q: (part: string) => containsSql(Prisma.sql`r.name`, part),
} satisfies Filters<Prisma.Sql>;

export const REPOSITORY_SORTS: Sorts<SortKey<Pick<Repository, 'id' | 'name'>>> = {
  name: [{ key: 'name', column: Prisma.sql`r.name`, type: 'text', order: 'ascending' }],
  /** Ids are in the order of time. */
  createdAt: [{ key: 'id', column: Prisma.sql`r.id`, type: 'id', order: 'ascending' }],
};

export type RepositoryFilter = FilterOf<typeof FILTERS>;

export const repositoryConditions = (filter: RepositoryFilter): Prisma.Sql[] => conditionsOf(FILTERS, filter);
