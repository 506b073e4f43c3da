import { conditionsOf, type FilterOf, type Filters } from '../../database/filters.js';
import type { ApiToken, Prisma } from '../../database/generated/client.js';
import type { SortProperty, Sorts } from '../../database/list.sql.js';

const FILTERS = {
  /** Whom it acts for. */
  user: (user: string) => ({ user }),
} satisfies Filters<Prisma.ApiTokenWhereInput>;

/** Ids are in the order of time. */
export const API_TOKEN_SORTS: Sorts<SortProperty<ApiToken>> = {
  createdAt: [{ key: 'id', type: 'id', order: 'ascending' }],
};

export type ApiTokenFilter = FilterOf<typeof FILTERS>;

export const apiTokenConditions = (filter: ApiTokenFilter): Prisma.ApiTokenWhereInput[] =>
  conditionsOf<Prisma.ApiTokenWhereInput>(FILTERS, filter);
