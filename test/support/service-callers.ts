import { Caller } from '../../src/access/caller.js';
import { Grants } from '../../src/access/grants.js';
import { permissionsOf } from '../../src/access/permission.js';
import type { Role } from '../../src/access/role.js';

const EVERYTHING = new Grants([{ permissions: permissionsOf('admin'), repositoryId: null, path: null }]);

/** Somebody who may do everything, as far as roles go. */
export const someone = (user: string): Caller =>
  new Caller({ user, email: null, groups: [], verified: false, grants: EVERYTHING });

/** Somebody who has proved who they are, and has a role everywhere. */
export const verified = (
  user: string,
  { role = 'repositoryAdmin', email = null }: { role?: Role; email?: string | null } = {},
): Caller =>
  new Caller({
    user,
    email,
    groups: [],
    verified: true,
    grants: new Grants([{ permissions: permissionsOf(role), repositoryId: null, path: null }]),
  });
