import { EXAMPLE_ETAG, EXAMPLE_ID, EXAMPLE_TIME } from '../../http/schema/fields.js';

const active = {
  id: EXAMPLE_ID,
  description: 'The nightly image scan.',
  user: 'scanner',
  groups: [],
  roles: ['checker'],
  repositoryIds: null,
  createdAt: EXAMPLE_TIME,
  createdBy: 'ada',
  expiresAt: '2026-06-12T09:26:53.589Z',
  lastUsedAt: null as string | null,
  revokedAt: null as string | null,
  revokedBy: null as string | null,
  etag: EXAMPLE_ETAG,
};

/** An API token before and after it was revoked. */
export const apiTokenExamples: Record<'active' | 'revoked', typeof active> = {
  active,
  revoked: { ...active, lastUsedAt: EXAMPLE_TIME, revokedAt: '2026-04-01T10:00:00.000Z', revokedBy: 'ada' },
};

export const issuedTokenExample = { ...active, token: 'pks_<id>_<secret>' };
