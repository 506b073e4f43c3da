import type { BulkAction } from '../bulk-action.js';

export const propose: BulkAction = {
  permission: 'packageRevisions.propose',
  single: 'proposePackageRevision',
  touchesRemote: false,
  isFinal: false,
  takes: [],
  needsEtag: false,
  run: ({ lifecycle }, { id, caller }, seen) => lifecycle.propose(id, caller.user, seen),
};
