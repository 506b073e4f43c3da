import type { BulkAction } from '../bulk-action.js';

export const withdraw: BulkAction = {
  permission: 'packageRevisions.propose',
  single: 'withdrawPackageRevision',
  touchesRemote: false,
  isFinal: false,
  takes: ['comment'],
  needsEtag: false,
  run: ({ lifecycle }, { id, caller, parameters }, seen) => lifecycle.withdraw(id, caller, seen, parameters.comment),
};
