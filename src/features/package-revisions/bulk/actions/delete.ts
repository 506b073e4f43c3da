import type { BulkAction } from '../bulk-action.js';

export const deletion: BulkAction = {
  permission: 'packageRevisions.delete',
  single: 'deletePackageRevision',
  touchesRemote: true,
  isFinal: true,
  takes: ['force'],
  needsEtag: true,
  run: ({ lifecycle }, { id, caller, parameters }, seen) => lifecycle.delete(id, caller, seen, parameters.force),
};
