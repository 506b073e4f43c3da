import type { Credential } from '../../database/generated/client.js';
import { etagOf } from '../../domain/etag.js';
import type { CredentialResponse } from './credential.schema.js';
import { fingerprintOf } from './ssh-public-key.js';

export const credentialEtag = ({ id, version }: Pick<Credential, 'id' | 'version'>): string => etagOf([id, version]);

/** A credential as callers see it; `sealed` stays here. */
export function toCredentialResponse(row: Credential): CredentialResponse {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    type: row.type,
    hosts: row.hosts,
    username: row.username,
    caBundle: row.caBundle,
    publicKey: row.publicKey,
    fingerprint: row.publicKey === null ? null : fingerprintOf(row.publicKey),
    knownHosts: row.knownHosts,
    createdAt: row.createdAt.toISOString(),
    createdBy: row.createdBy,
    updatedAt: row.updatedAt.toISOString(),
    updatedBy: row.updatedBy,
    etag: credentialEtag(row),
  };
}
