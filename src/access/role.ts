export const ROLES = ['viewer', 'author', 'approver', 'checker', 'repositoryAdmin', 'admin', 'auditor'] as const;

export type Role = (typeof ROLES)[number];

/** Roles about more than packages; they are given on the instance only. */
export const isInstanceRole = (role: Role): boolean => role === 'admin' || role === 'auditor';

/** Whether a role means something on some paths of a repository only. */
export const isPathRole = (role: Role): boolean => !isInstanceRole(role) && role !== 'repositoryAdmin';
