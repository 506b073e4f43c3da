import type { Caller } from '../../../access/caller.js';
import type { Permission } from '../../../access/permission.js';
import { type Action, allowedActions, isPublished, type Lifecycle } from '../../../domain/lifecycle.js';

const PERMISSIONS: Record<Exclude<Action, 'delete' | 'clone'>, Permission> = {
  edit: 'packageRevisions.edit',
  propose: 'packageRevisions.propose',
  reject: 'packageRevisions.reject',
  approve: 'packageRevisions.approve',
  'propose-deletion': 'packageRevisions.proposeDeletion',
  'reject-deletion': 'packageRevisions.reject',
  copy: 'packageRevisions.create',
};

/** Dropping a draft is its author's work; taking off what was published needs somebody who could have published it. */
export const deletionPermission = (lifecycle: Lifecycle): Permission =>
  isPublished(lifecycle) ? 'packageRevisions.approve' : 'packageRevisions.edit';

interface Row {
  repositoryId: string;
  path: string;
  lifecycle: Lifecycle;
}

/** What the state allows and the caller's roles do. A clone goes elsewhere, so it is judged there. */
export const actionsFor = (caller: Caller, row: Row): Action[] =>
  allowedActions(row.lifecycle).filter((action) => {
    if (action === 'clone') return caller.allowsSomewhere('packageRevisions.create');
    if (action !== 'delete') return caller.allows(PERMISSIONS[action], row);
    return caller.allows('packageRevisions.delete', row) && caller.allows(deletionPermission(row.lifecycle), row);
  });
