import { conditionsOf, type FilterOf, type Filters } from '../database/filters.js';
import type { Credential, Prisma } from '../database/generated/client.js';
import type { SortProperty, Sorts } from '../database/list.sql.js';

const FILTERS = {
  name: (name: string) => ({ name }),
  /** A part of the name, in any case. */
  q: (part: string) => ({ name: { contains: part, mode: 'insensitive' } }),
} satisfies Filters<Prisma.CredentialWhereInput>;

export const CREDENTIAL_SORTS: Sorts<SortProperty<Credential>> = {
  name: [{ key: 'name', type: 'text', order: 'ascending' }],
  /** Ids are in the order of time. */
  createdAt: [{ key: 'id', type: 'id', order: 'ascending' }],
};

export type CredentialFilter = FilterOf<typeof FILTERS>;

export const credentialConditions = (filter: CredentialFilter): Prisma.CredentialWhereInput[] =>
  conditionsOf<Prisma.CredentialWhereInput>(FILTERS, filter);
