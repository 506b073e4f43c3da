/** Everything that can be allowed. Each endpoint declares one of these; a role is a set of them. */
export const PERMISSIONS = [
  'repositories.read',
  'repositories.create',
  'repositories.update',
  'repositories.delete',
  'repositories.sync',
  'credentials.read',
  'credentials.manage',
  'packages.read',
  'packageRevisions.create',
  'packageRevisions.edit',
  'packageRevisions.propose',
  'packageRevisions.proposeDeletion',
  'packageRevisions.approve',
  'packageRevisions.reject',
  'packageRevisions.delete',
  'packageRevisions.setConditions',
  'packageRevisions.breakGlass',
  'operations.read',
  'operations.control',
  'roleBindings.read',
  'roleBindings.manage',
  'apiTokens.manage',
  'auditEntries.read',
  'metrics.read',
] as const;

export type Permission = (typeof PERMISSIONS)[number];

/** What is acted on. Without a repository: the instance. Without a path: the repository as a whole. */
export interface Scope {
  repositoryId?: string | null;
  path?: string | null;
}

export const INSTANCE: Scope = {};
