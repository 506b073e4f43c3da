import type { Caller } from '../../access/caller.js';
import { driftActions, type DriftResolution } from '../../domain/drift.js';
import { etagOf } from '../../domain/etag.js';
import { isoTime } from '../../domain/iso-time.js';
import { shortRef } from '../../domain/ref-layout.js';
import type { DriftRow } from './drift-list.store.js';
import type { DriftResponse } from './drift.schema.js';

export const driftEtag = ({ id, version }: DriftRow): string => etagOf({ id, version });

/** A row as one caller sees it: with the actions that they may take. */
export function toDriftResponse(row: DriftRow, caller: Caller): DriftResponse {
  const { acknowledgedBy: by, acknowledgedAt: at, reason } = row;
  const { gitCommit: commit, gitTree: tree, gitAuthor: author, gitCommitter: committer, gitCommittedAt } = row;
  const committedAt = gitCommittedAt && isoTime(gitCommittedAt);
  const { heldCommit, heldTree, heldRevision: revision, heldWorkspace: workspace } = row;
  return {
    id: row.id,
    kind: row.kind,
    state: row.state,
    repositoryId: row.repositoryId,
    repository: row.repository,
    packageId: row.packageId,
    path: row.path,
    ref: shortRef(row.ref),
    packageRevisionId: row.revisionId,
    git: commit === null ? null : { commit, tree, author, committer, committedAt },
    held: heldCommit === null ? null : { commit: heldCommit, tree: heldTree, revision, workspace },
    files: row.files,
    fileCount: row.fileCount,
    actions: driftActions(row).filter((action) =>
      caller.allows(action === 'acknowledge' ? 'drift.acknowledge' : 'packageRevisions.create', row),
    ),
    draftId: row.draftId,
    acknowledgement: by === null || at === null ? null : { by, at: isoTime(at), reason: reason ?? '' },
    resolution: row.resolution as DriftResolution | null,
    foundAt: isoTime(row.foundAt),
    updatedAt: isoTime(row.updatedAt),
    resolvedAt: row.resolvedAt && isoTime(row.resolvedAt),
    etag: driftEtag(row),
  };
}
