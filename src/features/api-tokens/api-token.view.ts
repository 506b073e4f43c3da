import type { ApiToken } from '../../database/generated/client.js';
import { etagOf } from '../../domain/etag.js';
import type { ApiTokenResponse } from './api-token.schema.js';

/** A token as callers see it; the hash of its secret stays here. */
export function toApiTokenResponse(row: ApiToken): ApiTokenResponse {
  return {
    id: row.id,
    description: row.description,
    user: row.user,
    groups: row.groups,
    roles: row.roles,
    repositoryIds: row.repositoryIds as string[] | null,
    createdAt: row.createdAt.toISOString(),
    createdBy: row.createdBy,
    expiresAt: row.expiresAt.toISOString(),
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
    revokedAt: row.revokedAt?.toISOString() ?? null,
    revokedBy: row.revokedBy,
    etag: etagOf([row.id, row.revokedAt]),
  };
}
