import { EXAMPLE_ETAG, EXAMPLE_ID, EXAMPLE_TIME } from '../../http/schema/fields.js';
import { EXAMPLE_FINGERPRINT, EXAMPLE_KEY, EXAMPLE_KNOWN_HOSTS } from './credential-fields.schema.js';

const token = {
  id: EXAMPLE_ID,
  name: 'git-bot',
  description: 'Reads and writes blueprints.',
  type: 'token',
  hosts: ['git.example.com'],
  username: null as string | null,
  caBundle: null,
  publicKey: null as string | null,
  fingerprint: null as string | null,
  knownHosts: null as string | null,
  createdAt: EXAMPLE_TIME,
  createdBy: 'ada',
  updatedAt: EXAMPLE_TIME,
  updatedBy: 'ada',
  etag: EXAMPLE_ETAG,
};

/** A credential of each type. */
export const credentialExamples: Record<'basic' | 'token' | 'ssh', typeof token> = {
  basic: { ...token, type: 'basic', username: 'bot' },
  token,
  ssh: {
    ...token,
    type: 'ssh',
    publicKey: EXAMPLE_KEY,
    fingerprint: EXAMPLE_FINGERPRINT,
    knownHosts: EXAMPLE_KNOWN_HOSTS,
  },
};
