import { describe, expect, it } from 'vitest';
import { type Permission, PERMISSIONS, permissionsOf, rolesWith } from './permission.js';
import { ROLES, type Role } from './role.js';

/** Decided one by one: a new permission does not compile here before somebody has said who gets it. */
const DECIDED: Record<Permission, readonly Role[]> = {
  'repositories.read': ['viewer', 'author', 'approver', 'checker', 'repositoryAdmin', 'admin', 'auditor'],
  'repositories.create': ['admin'],
  'repositories.update': ['repositoryAdmin', 'admin'],
  'repositories.delete': ['repositoryAdmin', 'admin'],
  'repositories.sync': ['author', 'approver', 'repositoryAdmin', 'admin'],
  'receivers.read': ['repositoryAdmin', 'admin', 'auditor'],
  'receivers.manage': ['repositoryAdmin', 'admin'],
  'webhooks.read': ['repositoryAdmin', 'admin', 'auditor'],
  'webhooks.manage': ['repositoryAdmin', 'admin'],
  'credentials.read': ['admin', 'auditor'],
  'credentials.manage': ['admin'],
  'packages.read': ['viewer', 'author', 'approver', 'checker', 'repositoryAdmin', 'admin', 'auditor'],
  'packages.update': ['author', 'repositoryAdmin', 'admin'],
  'targets.read': ['viewer', 'author', 'approver', 'checker', 'repositoryAdmin', 'admin', 'auditor'],
  'targets.manage': ['admin'],
  'deliveries.report': ['checker', 'repositoryAdmin', 'admin'],
  'variants.read': ['viewer', 'author', 'approver', 'checker', 'repositoryAdmin', 'admin', 'auditor'],
  'variants.manage': ['author', 'repositoryAdmin', 'admin'],
  'campaigns.read': ['viewer', 'author', 'approver', 'checker', 'repositoryAdmin', 'admin', 'auditor'],
  'campaigns.manage': ['author', 'repositoryAdmin', 'admin'],
  'campaigns.approve': ['approver', 'repositoryAdmin', 'admin'],
  'packageRevisions.create': ['author', 'repositoryAdmin', 'admin'],
  'packageRevisions.edit': ['author', 'repositoryAdmin', 'admin'],
  'packageRevisions.propose': ['author', 'repositoryAdmin', 'admin'],
  'packageRevisions.proposeDeletion': ['author', 'repositoryAdmin', 'admin'],
  'packageRevisions.approve': ['approver', 'repositoryAdmin', 'admin'],
  'packageRevisions.reject': ['approver', 'repositoryAdmin', 'admin'],
  'packageRevisions.delete': ['author', 'approver', 'repositoryAdmin', 'admin'],
  'packageRevisions.setConditions': ['checker', 'repositoryAdmin', 'admin'],
  'packageRevisions.breakGlass': ['admin'],
  'drift.acknowledge': ['approver', 'repositoryAdmin', 'admin'],
  'operations.read': ['viewer', 'author', 'approver', 'checker', 'repositoryAdmin', 'admin', 'auditor'],
  'operations.control': ['author', 'approver', 'repositoryAdmin', 'admin'],
  'roleBindings.read': ['repositoryAdmin', 'admin', 'auditor'],
  'roleBindings.manage': ['repositoryAdmin', 'admin'],
  'apiTokens.manage': ['admin'],
  'auditEntries.read': ['admin', 'auditor'],
  'metrics.read': ['admin', 'auditor'],
};

describe('permissions', () => {
  it('are all decided', () => {
    expect(Object.keys(DECIDED)).toEqual(PERMISSIONS);
  });

  it.each(PERMISSIONS)('%s is held by the roles that it was decided for, and by no other', (permission) => {
    expect(rolesWith(permission)).toEqual(DECIDED[permission]);
    expect(ROLES.filter((role) => permissionsOf(role).has(permission))).toEqual(DECIDED[permission]);
  });
});
