import type { BulkAction } from '../bulk-action.js';

export const proposeDeletion: BulkAction = {
  permission: 'packageRevisions.proposeDeletion',
  single: 'proposePackageRevisionDeletion',
  touchesRemote: false,
  isFinal: false,
  takes: ['comment', 'force', 'head'],
  needsEtag: false,
  run: ({ lifecycle }, { id, caller, parameters: { comment, force, head } }, seen) =>
    lifecycle.proposeDeletion(id, { comment, force, head }, caller, seen),
};
