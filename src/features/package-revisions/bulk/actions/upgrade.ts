import { noteChange } from '../../../../audit/noted-change.js';
import { assertPrecondition } from '../../../../domain/precondition.js';
import { revisionEtag } from '../../../../domain/revision-etag.js';
import type { BulkAction } from '../bulk-action.js';

export const upgrade: BulkAction = {
  permission: 'packageRevisions.create',
  single: 'createPackageRevision',
  touchesRemote: false,
  isFinal: false,
  // Each may be a merge of three large packages.
  itemsPerStep: 10,
  takes: ['workspace', 'to', 'upstreamPackageId', 'strategy', 'allowOtherPackage', 'resolutions', 'defaultResolution'],
  needs: ['workspace'],
  needsEtag: false,
  async run({ revisions, authoring }, { id, caller, parameters }, seen) {
    const row = await revisions.get(id);
    const before = revisionEtag(row);
    if (seen) assertPrecondition(seen, before, `"${row.name}"`);
    noteChange(id, { before });
    const { workspace = '', to = 'newest', strategy = 'resource-merge', allowOtherPackage = false } = parameters;
    const { upstreamPackageId, resolutions = {}, defaultResolution = {} } = parameters;
    const choice = { upstream: to, upstreamPackageId, strategy, allowOtherPackage, resolutions, defaultResolution };
    const source = { type: 'upgrade', revisionId: id, ...choice } as const;
    const request = { repositoryId: row.repositoryId, workspace, source };
    const { row: draft, warnings } = await authoring.createWarned(request, caller);
    return { draft, warnings };
  },
};
