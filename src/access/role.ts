import { PERMISSIONS, type Permission } from './permission.js';

export const ROLES = ['viewer', 'author', 'approver', 'checker', 'repositoryAdmin', 'admin', 'auditor'] as const;

export type Role = (typeof ROLES)[number];

const VIEWER: Permission[] = ['repositories.read', 'packages.read', 'operations.read'];
const AUTHOR: Permission[] = [
  ...VIEWER,
  'repositories.sync',
  'packageRevisions.create',
  'packageRevisions.edit',
  'packageRevisions.propose',
  'packageRevisions.proposeDeletion',
  'packageRevisions.delete',
  'operations.control',
];
const APPROVER: Permission[] = [
  ...VIEWER,
  'repositories.sync',
  'packageRevisions.approve',
  'packageRevisions.reject',
  'packageRevisions.delete',
  'operations.control',
];
const CHECKER: Permission[] = [...VIEWER, 'packageRevisions.setConditions'];

/** What each role may do within its scope. */
const PERMISSIONS_OF: Record<Role, ReadonlySet<Permission>> = {
  viewer: new Set(VIEWER),
  author: new Set(AUTHOR),
  approver: new Set(APPROVER),
  checker: new Set(CHECKER),
  repositoryAdmin: new Set([
    ...AUTHOR,
    ...APPROVER,
    ...CHECKER,
    'repositories.update',
    'repositories.delete',
    'roleBindings.read',
    'roleBindings.manage',
  ]),
  admin: new Set(PERMISSIONS),
  auditor: new Set([...VIEWER, 'credentials.read', 'roleBindings.read', 'auditEntries.read', 'metrics.read']),
};

export const permissionsOf = (role: Role): ReadonlySet<Permission> => PERMISSIONS_OF[role];

/** Roles about more than packages; they are given on the instance only. */
export const isInstanceRole = (role: Role): boolean => role === 'admin' || role === 'auditor';

/** Whether a role means something on some paths of a repository only. */
export const isPathRole = (role: Role): boolean => !isInstanceRole(role) && role !== 'repositoryAdmin';

/** The roles that hold a permission, for documents and refusals. */
export const rolesWith = (permission: Permission): Role[] =>
  ROLES.filter((role) => permissionsOf(role).has(permission));
