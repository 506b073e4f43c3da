import { DomainError } from '../domain/errors.js';
import type { Caller } from './caller.js';
import type { Permission } from './permission.js';
import { type Standing, standingConditions } from '../domain/draft-base.js';
import type { GitState } from '../domain/draft-reconcile.js';
import { type Action, actionsNow, isPublished, type Lifecycle } from '../domain/lifecycle.js';
import { AUTHOR_KINDS, authorshipOf, type Contributors } from '../domain/release-policy.js';

const PERMISSIONS: Record<Exclude<Action, 'delete' | 'clone'>, Permission> = {
  edit: 'packageRevisions.edit',
  propose: 'packageRevisions.propose',
  reject: 'packageRevisions.reject',
  withdraw: 'packageRevisions.propose',
  approve: 'packageRevisions.approve',
  rebase: 'packageRevisions.edit',
  resolve: 'packageRevisions.edit',
  'propose-deletion': 'packageRevisions.proposeDeletion',
  'reject-deletion': 'packageRevisions.reject',
  copy: 'packageRevisions.create',
};

/** Dropping a draft is its author's work; taking off what was published needs somebody who could have published it. */
export const deletionPermission = (lifecycle: Lifecycle): Permission =>
  isPublished(lifecycle) ? 'packageRevisions.approve' : 'packageRevisions.edit';

/**
 * Whether the caller may withdraw a proposal: the revision's creator, editors and proposer may. With `AUTH=none` everybody may, since a
 * name proves nothing there.
 */
export const mayWithdraw = (caller: Caller, row: Contributors): boolean =>
  !caller.verified || authorshipOf(caller, row, { authors: [...AUTHOR_KINDS] }).length > 0;

interface Row extends Contributors, Standing {
  repositoryId: string;
  path: string;
  lifecycle: Lifecycle;
  gitState: GitState;
}

/** What the state allows and the caller's roles do. A clone goes elsewhere, so it is judged there. */
export const actionsFor = (caller: Caller, row: Row): Action[] =>
  actionsNow(row.lifecycle, {
    inConflict: row.gitState === 'conflict',
    isBehind: standingConditions(row).length > 0,
  }).filter((action) => {
    if (action === 'clone') return caller.allowsSomewhere('packageRevisions.create');
    if (action === 'withdraw' && !mayWithdraw(caller, row)) return false;
    if (action !== 'delete') return caller.allows(PERMISSIONS[action], row);
    return caller.allows('packageRevisions.delete', row) && caller.allows(deletionPermission(row.lifecycle), row);
  });

/** Those of the actions that the caller may take on what an error is about; all of them where that is no revision. */
export const actionsLeft = (caller: Caller, actions: readonly string[], about: object): string[] => {
  if (!isRow(about)) return [...actions];
  const may: readonly string[] = actionsFor(caller, about);
  return actions.filter((action) => may.includes(action));
};

/** The error with what the caller may do, in place of what the state allows. */
export function toldTo(caller: Caller, error: DomainError): DomainError {
  const { code, message, data, about } = error;
  if (data.allowedActions === undefined || about === undefined) return error;
  return new DomainError(code, message, { ...data, allowedActions: actionsLeft(caller, data.allowedActions, about) });
}

const isRow = (about: object): about is Row =>
  [
    'repositoryId',
    'path',
    'lifecycle',
    'gitState',
    'createdBy',
    'editors',
    'proposedBy',
    'authorTies',
    'packageNow',
  ].every((column) => column in about);
