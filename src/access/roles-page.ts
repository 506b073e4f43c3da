import { PERMISSIONS, permissionsOf } from './permission.js';
import { isInstanceRole, isPathRole, type Role, ROLES } from './role.js';

/** Describes each role in a few words; the table of permissions is exact. */
const MAY: Readonly<Record<Role, string>> = {
  viewer: 'read',
  author: 'read, sync, draft, edit, propose, propose deletions, delete drafts',
  approver: 'read, sync, approve, reject, acknowledge drift, delete what was published and proposed for it',
  checker: 'read, set conditions, report deliveries: for scanners, pipelines and delivery tools',
  repositoryAdmin: 'all of these, change and unregister the repository, its receivers and webhooks, give roles in it',
  auditor: 'read everything, the audit log, role bindings and metrics included',
  admin: 'everything, breaking the glass included',
};

const where = (role: Role): string =>
  isInstanceRole(role) ? 'everything' : isPathRole(role) ? 'anywhere' : 'everything or a repository';

/** The tables of docs/access.md: what a role is for, and which permissions each of them holds. */
export function rolesTables(): string {
  const roles = ROLES.map((role) => `| \`${role}\` | ${MAY[role]} | ${where(role)} |`);
  const permissions = PERMISSIONS.map((permission) => {
    const held = ROLES.map((role) => (permissionsOf(role).has(permission) ? '✓' : ''));
    return `| \`${permission}\` | ${held.join(' | ')} |`;
  });
  return [
    '| role | may | where |',
    '| --- | --- | --- |',
    ...roles,
    '',
    `| permission | ${ROLES.map((role) => `\`${role}\``).join(' | ')} |`,
    `| --- | ${ROLES.map(() => ':-:').join(' | ')} |`,
    ...permissions,
    '',
  ].join('\n');
}
