import { conditionsOf, type FilterOf, type Filters } from '../database/filters.js';
import type { Prisma } from '../database/generated/client.js';

const FILTERS = {
  name: (name: string) => ({ name }),
  /** A part of the name, in any case. */
  q: (part: string) => ({ name: { contains: part, mode: 'insensitive' } }),
} satisfies Filters<Prisma.CredentialWhereInput>;

export type CredentialFilter = FilterOf<typeof FILTERS>;

export const credentialConditions = (filter: CredentialFilter): Prisma.CredentialWhereInput[] =>
  conditionsOf<Prisma.CredentialWhereInput>(FILTERS, filter);
