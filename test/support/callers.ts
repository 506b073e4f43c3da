import { Caller } from '../../src/access/caller.js';
import { Grants } from '../../src/access/grants.js';
import { permissionsOf } from '../../src/access/role.js';

const EVERYTHING = new Grants([{ permissions: permissionsOf('admin'), repositoryId: null, path: null }]);

/** Somebody who may do everything, as far as roles go. */
export const someone = (user: string): Caller =>
  new Caller({ user, email: null, groups: [], verified: false, grants: EVERYTHING });
