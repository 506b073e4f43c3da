import { discoveryOf } from '../../domain/discovery.js';
import { versionedEtag } from '../../domain/etag.js';
import { isoTime } from '../../domain/iso-time.js';
import { policyOf } from '../../domain/release-policy.js';
import type { Condition } from '../../http/schema/fields.js';
import type { RepositoryResponse } from './repository.schema.js';
import type { RepositoryRow } from './repository.store.js';

/**
 * A repository as callers see it. What a sync notes is not part of the entity tag's version, and when it was last synced
 * of no part of it: that alone is no change.
 */
export function toRepositoryResponse(row: RepositoryRow): RepositoryResponse {
  const body = {
    id: row.id,
    name: row.name,
    description: row.description,
    labels: row.labels as Record<string, string>,
    deployment: row.deployment,
    git: { url: row.url, ref: row.ref || null, directory: row.directory, credentialId: row.credentialId },
    discovery: discoveryOf(row),
    syncIntervalSeconds: row.syncIntervalSeconds,
    policy: policyOf(row),
    status: {
      conditions: row.conditions as Condition[],
      lastSyncedAt: null as string | null,
      commit: row.commit,
      packageCount: row.packageCount,
      revisionCount: row.revisionCount,
      ignoredTags: row.ignoredTags,
    },
    createdAt: isoTime(row.createdAt),
    createdBy: row.createdBy,
    updatedAt: isoTime(row.updatedAt),
    updatedBy: row.updatedBy,
  };
  const etag = versionedEtag(row.version, body);
  body.status.lastSyncedAt = row.lastSyncedAt && isoTime(row.lastSyncedAt);
  return { ...body, etag };
}
