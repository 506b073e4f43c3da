import { conditionsOf, type FilterOf, type Filters } from '../../database/filters.js';
import type { Prisma } from '../../database/generated/client.js';

const FILTERS = {
  /** Whom it acts for. */
  user: (user: string) => ({ user }),
} satisfies Filters<Prisma.ApiTokenWhereInput>;

export type ApiTokenFilter = FilterOf<typeof FILTERS>;

export const apiTokenConditions = (filter: ApiTokenFilter): Prisma.ApiTokenWhereInput[] =>
  conditionsOf<Prisma.ApiTokenWhereInput>(FILTERS, filter);
