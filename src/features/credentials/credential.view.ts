import type { Credential } from '../../database/generated/client.js';
import { etagOf } from '../../domain/etag.js';
import type { CredentialResponse } from './credential.schema.js';

export const credentialEtag = ({ id, version }: Pick<Credential, 'id' | 'version'>): string => etagOf([id, version]);

/** A credential as callers see it; `sealed` stays here. */
export function toCredentialResponse(row: Credential): CredentialResponse {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    type: row.type,
    username: row.username,
    createdAt: row.createdAt.toISOString(),
    createdBy: row.createdBy,
    updatedAt: row.updatedAt.toISOString(),
    updatedBy: row.updatedBy,
    etag: credentialEtag(row),
  };
}
