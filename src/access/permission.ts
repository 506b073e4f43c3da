import { ROLES, type Role } from './role.js';

const EVERY_ROLE: readonly Role[] = ROLES;
const DRAFTERS: readonly Role[] = ['author', 'repositoryAdmin'];
const APPROVERS: readonly Role[] = ['approver', 'repositoryAdmin'];
const WORKERS: readonly Role[] = ['author', 'approver', 'repositoryAdmin'];
const ONLY_ADMIN: readonly Role[] = [];

/** Everything that can be allowed, and the roles that hold it; `admin` holds all. Each endpoint declares one of these. */
const HOLDERS = {
  'repositories.read': EVERY_ROLE,
  'repositories.create': ONLY_ADMIN,
  'repositories.update': ['repositoryAdmin'],
  'repositories.delete': ['repositoryAdmin'],
  'repositories.sync': WORKERS,
  'receivers.read': ['repositoryAdmin', 'auditor'],
  'receivers.manage': ['repositoryAdmin'],
  'webhooks.read': ['repositoryAdmin', 'auditor'],
  'webhooks.manage': ['repositoryAdmin'],
  'credentials.read': ['auditor'],
  'credentials.manage': ONLY_ADMIN,
  'packages.read': EVERY_ROLE,
  'packages.update': DRAFTERS,
  'targets.read': EVERY_ROLE,
  'targets.manage': ONLY_ADMIN,
  'deliveries.report': ['checker', 'repositoryAdmin'],
  'variants.read': EVERY_ROLE,
  'variants.manage': DRAFTERS,
  'campaigns.read': EVERY_ROLE,
  'campaigns.manage': DRAFTERS,
  'campaigns.approve': APPROVERS,
  'packageRevisions.create': DRAFTERS,
  'packageRevisions.edit': DRAFTERS,
  'packageRevisions.propose': DRAFTERS,
  'packageRevisions.proposeDeletion': DRAFTERS,
  'packageRevisions.approve': APPROVERS,
  'packageRevisions.reject': APPROVERS,
  'packageRevisions.delete': WORKERS,
  'packageRevisions.setConditions': ['checker', 'repositoryAdmin'],
  'packageRevisions.breakGlass': ONLY_ADMIN,
  'drift.acknowledge': APPROVERS,
  'operations.read': EVERY_ROLE,
  'operations.control': WORKERS,
  'roleBindings.read': ['repositoryAdmin', 'auditor'],
  'roleBindings.manage': ['repositoryAdmin'],
  'apiTokens.manage': ONLY_ADMIN,
  'auditEntries.read': ['auditor'],
  'metrics.read': ['auditor'],
} as const satisfies Record<string, readonly Role[]>;

export type Permission = keyof typeof HOLDERS;

export const PERMISSIONS = Object.keys(HOLDERS) as [Permission, ...Permission[]];

/** The roles that hold a permission, in the order of `ROLES`. */
export function rolesWith(permission: Permission): Role[] {
  const holders: readonly Role[] = HOLDERS[permission];
  return ROLES.filter((role) => role === 'admin' || holders.includes(role));
}

const PERMISSIONS_OF = new Map<Role, ReadonlySet<Permission>>(
  ROLES.map((role) => [role, new Set(PERMISSIONS.filter((permission) => rolesWith(permission).includes(role)))]),
);

/** The permissions of each role, within the scope it was given for. */
export const permissionsOf = (role: Role): ReadonlySet<Permission> => PERMISSIONS_OF.get(role) ?? new Set();

/** Permissions on the instance as a whole: a role or token that is limited to repositories never gives them. */
const OF_INSTANCE: ReadonlySet<Permission> = new Set([
  ...(['repositories.create', 'credentials.read', 'credentials.manage', 'apiTokens.manage'] as const),
  ...(['auditEntries.read', 'metrics.read', 'targets.manage'] as const),
]);

export const isInstancePermission = (permission: Permission): boolean => OF_INSTANCE.has(permission);

/** What is acted on. Without a repository: the instance. Without a path: the repository as a whole. */
export interface Scope {
  repositoryId?: string | null;
  path?: string | null;
}

export const INSTANCE: Scope = {};
