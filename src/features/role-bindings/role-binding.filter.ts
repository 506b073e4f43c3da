import type { Role } from '../../access/role.js';
import { conditionsOf, type FilterOf, type Filters } from '../../database/filters.js';
import type { Prisma, RoleBinding } from '../../database/generated/client.js';

const FILTERS = {
  role: (roles: Role[]) => ({ role: { in: roles } }),
  subjectType: (subjectType: RoleBinding['subjectType']) => ({ subjectType }),
  subject: (subject: string) => ({ subject }),
  repositoryId: (repositoryId: string) => ({ repositoryId }),
} satisfies Filters<Prisma.RoleBindingWhereInput>;

export type RoleBindingFilter = FilterOf<typeof FILTERS>;

export const roleBindingConditions = (filter: RoleBindingFilter): Prisma.RoleBindingWhereInput[] =>
  conditionsOf<Prisma.RoleBindingWhereInput>(FILTERS, filter);
