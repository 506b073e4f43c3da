import type { BulkAction } from '../bulk-action.js';

export const label: BulkAction = {
  permission: 'packageRevisions.edit',
  single: 'updatePackageRevision',
  touchesRemote: false,
  isFinal: false,
  takes: ['labels', 'annotations'],
  needsEtag: true,
  run: ({ revisions }, { id, caller, parameters: { labels, annotations } }, seen) =>
    revisions.patch(id, { labels, annotations }, caller.user, seen),
};
