import type { BulkAction } from '../bulk-action.js';

export const rejectDeletion: BulkAction = {
  permission: 'packageRevisions.reject',
  single: 'rejectPackageRevisionDeletion',
  touchesRemote: false,
  isFinal: false,
  takes: ['comment'],
  needsEtag: false,
  run: ({ lifecycle }, { id, caller, parameters }, seen) =>
    lifecycle.rejectDeletion(id, caller.user, seen, parameters.comment),
};
