import { etagOf } from '../../domain/etag.js';
import { isoTime } from '../../domain/iso-time.js';
import type { Caller } from '../../access/caller.js';
import { shownUpstreamStatus } from '../package-revisions/upstream-status.view.js';
import type { PackageResponse } from './package.schema.js';
import type { PackageRow } from '../../revisions/package.store.js';

/** A package's row as callers see it. */
export function toPackageResponse(row: PackageRow, caller: Caller): PackageResponse {
  const { latestId, latestName, latestRevision: revision } = row;
  const shown = {
    id: row.id,
    repositoryId: row.repositoryId,
    repository: row.repository,
    target: row.target,
    realm: row.realm,
    package: row.name,
    path: row.path,
    head: { commit: row.commit, tree: row.headTree, state: row.headState, revisionId: row.headRevisionId },
    driftState: row.driftState,
    upstreamStatus: shownUpstreamStatus(row, caller),
    latestRevision: latestId === null || latestName === null ? null : { id: latestId, name: latestName, revision },
    ...deliveryOf(row),
    revisionCount: row.revisionCount,
    labels: row.labels,
    annotations: row.annotations,
    createdAt: isoTime(row.createdAt),
    updatedAt: isoTime(row.updatedAt),
  };
  return { ...shown, etag: etagOf(shown) };
}

/** Without the time of it: a tool that says the same again has not changed the package. */
function deliveryOf({ delivery }: PackageRow): Pick<PackageResponse, 'delivery' | 'deliveredRevision'> {
  if (!delivery) return { delivery: null, deliveredRevision: null };
  const { tool, state, health, revisionId: id, name, revision } = delivery;
  return {
    delivery: { tool, state, health },
    deliveredRevision: id === null || name === null ? null : { id, name, revision },
  };
}
