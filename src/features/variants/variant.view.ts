import type { LookedAt } from '../../content/merges.js';
import { exactJson } from '../../http/exact-json.js';
import type { RawContent } from '../../http/reply.js';
import { isoTime } from '../../domain/iso-time.js';
import { versionedEtag } from '../../domain/etag.js';
import { wellNamed } from '../upgrade-previews/upgrade-preview.view.js';
import type { VariantRow } from './variant-row.js';
import type { VariantConflictsResponse, VariantResponse } from './variant.schema.js';

/** What each side holds, with numbers as they are written. */
export const toConflictsResponse = (conflicts: LookedAt['conflicts']): VariantConflictsResponse | RawContent =>
  exactJson({ conflicts: conflicts.map(wellNamed) });

/** A variant as callers see it. What workers find makes nobody's change stale. */
export function toVariantResponse(row: VariantRow): VariantResponse {
  const { id, name, setId, description, upstreamPackageId, follow, repositoryId, target, realm, path, mutations } = row;
  const { packageContext, labels, updatePolicy, strategy, resolutions, defaultResolution, adoption, deletion } = row;
  const { owner, retired, state, reason, conflicts, conflictCount, warnings, packageId, draftId } = row;
  const { version, createdAt, createdBy, updatedAt, reconciledAt } = row;
  const found = {
    ...{ state, reason, conflicts, conflictCount, warnings, packageId, draftId },
    reconciledAt: reconciledAt && isoTime(reconciledAt),
  };
  return {
    ...{ id, name, variantSetId: setId, description, upstream: { packageId: upstreamPackageId, follow } },
    downstream: { repositoryId, target, realm, package: row.package, path },
    ...{
      mutations,
      packageContext,
      labels,
      updatePolicy,
      strategy,
      resolutions,
      defaultResolution,
      adoption,
      deletion,
    },
    ...{ owner, retired, ...found },
    ...{ createdAt: isoTime(createdAt), createdBy, updatedAt: isoTime(updatedAt) },
    etag: versionedEtag(version, found),
  };
}
