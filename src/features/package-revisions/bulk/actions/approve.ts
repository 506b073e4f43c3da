import type { BulkAction } from '../bulk-action.js';

export const approve: BulkAction = {
  permission: 'packageRevisions.approve',
  single: 'approvePackageRevision',
  touchesRemote: true,
  isFinal: true,
  takes: ['comment'],
  needsEtag: true,
  run: ({ approvals }, { id, caller, parameters: { comment } }, seen) =>
    approvals.approve(id, caller, seen, { comment }),
};
