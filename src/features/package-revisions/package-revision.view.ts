import type { Caller } from '../../access/caller.js';
import type { Upstream } from '../../domain/revision.js';
import { attributionConditions, publishedOutside } from '../../domain/attribution.js';
import { standingConditions } from '../../domain/draft-base.js';
import { isPublished } from '../../domain/lifecycle.js';
import { isoTime } from '../../domain/iso-time.js';
import { shortRef } from '../../domain/ref-layout.js';
import { shownUpstream } from '../../domain/revision.js';
import { actionsFor } from '../../access/action-permissions.js';
import { toConditionResponse } from './release/condition.view.js';
import type { RevisionResponse } from './package-revision.schema.js';
import type { PastRevisionRow, RevisionDetailRow } from '../../revisions/package-revision.store.js';
import type { RevisionRow } from '../../revisions/revision-row.js';
import { shownUpstreamStatus } from './upstream-status.view.js';
import { revisionEtag } from '../../domain/revision-etag.js';

export function toRevisionDetailResponse(row: RevisionDetailRow, caller: Caller): RevisionResponse {
  const shown = toRevisionResponse(row, caller);
  const { upstream, upstreamStatus } = shown;
  const subpackages = row.subpackages.map(({ status: stored, ...named }) => ({
    ...named,
    upstreamStatus: shownUpstreamStatus({ upstreamId: named.path, upstreamStatus: stored }, caller),
  }));
  const statuses = subpackages.map(({ upstreamStatus: status }) => status);
  return {
    ...shown,
    unsupportedEntries: row.unsupported,
    upstreams: [...(upstream ? [{ path: '', ...placeOf(upstream), upstreamStatus }] : []), ...subpackages],
    // The same tag as in lists, where there are no others to tell of.
    etag: statuses.length === 0 ? shown.etag : revisionEtag(row, [upstreamStatus, ...statuses]),
  };
}

const placeOf = ({ url, directory, ref, commit }: Upstream) => ({ url, directory, ref, commit });

/** A revision's row as one caller sees it; in a list of the past, with what was so then. What is gone allows nothing. */
export function toRevisionResponse(row: RevisionRow & Partial<PastRevisionRow>, caller: Caller): RevisionResponse {
  const { deletedAt } = row;
  const upstream = row.upstream;
  const upstreamStatus = shownUpstreamStatus(row, caller);
  const conflict = { commit: row.conflictCommit, tree: row.conflictTree };
  return {
    id: row.id,
    name: row.name,
    repositoryId: row.repositoryId,
    repository: row.repositoryName,
    packageId: row.packageId,
    target: row.target,
    realm: row.realm,
    package: row.packageName,
    path: row.path,
    workspace: row.workspace,
    revision: row.revision,
    lifecycle: row.lifecycle,
    latest: row.latestThen ?? row.latest,
    source: row.source,
    upstream: upstream && shownUpstream(upstream, row.upstreamRevisionId),
    upstreamStatus,
    commit: row.commit,
    tree: row.tree,
    tag: row.tag && shortRef(row.tag),
    branch: row.branch && shortRef(row.branch),
    git: { state: row.gitState, message: row.gitMessage, conflict: row.gitState === 'conflict' ? conflict : null },
    fileCount: row.fileCount,
    sizeBytes: row.sizeBytes,
    labels: row.labels,
    annotations: row.annotations,
    conditions: conditionsOf(row, caller).map((condition) => toConditionResponse(condition, row)),
    createdAt: isoTime(row.createdAt),
    createdBy: row.createdBy,
    updatedAt: isoTime(row.updatedAt),
    updatedBy: row.updatedBy,
    publishedAt: row.publishedAt && isoTime(row.publishedAt),
    publishedBy: row.publishedBy,
    origin: isPublished(row.lifecycle) ? (row.external ? 'external' : 'service') : null,
    lastDecision: row.lastDecision,
    breakGlass: row.breakGlass,
    deletionHead: row.deletionHead,
    etag: revisionEtag(row, row.upstreamId === null ? [] : [upstreamStatus]),
    allowedActions: deletedAt ? [] : actionsFor(caller, row),
    ...(deletedAt && { deletedAt: isoTime(deletedAt), deletedBy: row.deletedBy ?? null }),
  };
}

/** Those that are written down, and those that follow from what is there now. Who is known says nothing where names are only believed. */
const conditionsOf = (row: RevisionRow, caller: Caller) => [
  ...row.conditions,
  ...standingConditions(row),
  ...(row.external ? [publishedOutside(row)] : []),
  ...(caller.verified ? attributionConditions(row) : []),
];
