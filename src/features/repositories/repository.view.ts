import { discoveryOf } from '../../domain/discovery.js';
import { versionedEtag } from '../../domain/etag.js';
import { isoTime } from '../../domain/iso-time.js';
import { policyOf } from '../../domain/release-policy.js';
import type { Condition } from '../../http/schema/fields.js';
import type { RepositoryResponse } from './repository.schema.js';
import type { RepositoryRow } from './repository.store.js';

/**
 * A repository as callers see it. What a sync notes is not part of the entity tag's version, and when it is synced of no
 * part of it: that alone is no change.
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
      nextSyncAt: null as string | null,
      waitingFor: null as string | null,
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
  body.status.nextSyncAt = row.nextSyncAt && isoTime(row.nextSyncAt);
  body.status.waitingFor = waitingFor(row);
  return { ...body, etag };
}

/** What the next reading waits for, beside its time; null where nothing is in its way. */
function waitingFor({ lastSyncedAt, nextSyncAt, failures, blockedUntil }: RepositoryRow): string | null {
  const now = new Date();
  if (failures > 0) {
    const attempts = failures === 1 ? 'once' : `${failures} times in a row`;
    const waits = blockedUntil !== null && blockedUntil > now ? `; changes wait until ${isoTime(blockedUntil)}` : '';
    return `The remote could not be read, ${attempts}${waits}. \`conditions\` says why; sync tries at once.`;
  }
  if (nextSyncAt === null || nextSyncAt > now) return null;
  return lastSyncedAt === null ? 'A worker that reads it for the first time.' : 'A free worker.';
}
