import type { Role } from '../../access/role.js';
import { conditionsOf, type FilterOf, type Filters } from '../../database/filters.js';
import type { Prisma, RoleBinding } from '../../database/generated/client.js';
import type { SortProperty, Sorts } from '../../database/list.sql.js';

const FILTERS = {
  role: (roles: Role[]) => ({ role: { in: roles } }),
  subjectType: (subjectType: RoleBinding['subjectType']) => ({ subjectType }),
  subject: (subject: string) => ({ subject }),
  repositoryId: (repositoryId: string) => ({ repositoryId }),
} satisfies Filters<Prisma.RoleBindingWhereInput>;

/** Ids are in the order of time. */
export const ROLE_BINDING_SORTS: Sorts<SortProperty<RoleBinding>> = {
  createdAt: [{ key: 'id', type: 'id', order: 'ascending' }],
};

export type RoleBindingFilter = FilterOf<typeof FILTERS>;

export const roleBindingConditions = (filter: RoleBindingFilter): Prisma.RoleBindingWhereInput[] =>
  conditionsOf<Prisma.RoleBindingWhereInput>(FILTERS, filter);
