import type { BulkAction } from '../bulk-action.js';

export const reject: BulkAction = {
  permission: 'packageRevisions.reject',
  single: 'rejectPackageRevision',
  touchesRemote: false,
  isFinal: false,
  takes: ['comment'],
  needsEtag: false,
  run: ({ lifecycle }, { id, caller, parameters }, seen) => lifecycle.reject(id, caller.user, seen, parameters.comment),
};
