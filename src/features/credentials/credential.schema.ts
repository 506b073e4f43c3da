import { z } from 'zod';
import { description, etag, identifier, pageOf, timestamp, nullableText } from '../../http/schema/fields.js';
import { listQuery, textFilter } from '../../http/schema/query.js';
import { credentialExamples } from './credential.examples.js';
import {
  caBundle,
  credentialType,
  EXAMPLE_CERTIFICATE,
  EXAMPLE_FINGERPRINT,
  EXAMPLE_KEY,
  EXAMPLE_KNOWN_HOSTS,
  hosts,
  knownHosts,
  name,
  password,
  privateKey,
  token,
  username,
} from './credential-fields.schema.js';
import { CREDENTIAL_SORTS, type CredentialFilter } from '../../vault/credential.filter.js';

const basicCreateRequest = z
  .strictObject({
    type: z.literal('basic').meta({ description: 'A user name and a password.', examples: ['basic'] }),
    name,
    description: description().nullable().optional(),
    hosts: hosts.optional(),
    username,
    password,
    caBundle: caBundle.optional(),
  })
  .meta({
    id: 'BasicCredentialCreateRequest',
    description: 'A credential to make: user name and password.',
    examples: [{ type: 'basic', name: 'git-bot', username: 'bot', password: 'correct-horse-battery-staple' }],
  });

const tokenCreateRequest = z
  .strictObject({
    type: z.literal('token').meta({ description: 'A bearer token.', examples: ['token'] }),
    name,
    description: description().nullable().optional(),
    hosts: hosts.optional(),
    token,
    caBundle: caBundle.optional(),
  })
  .meta({
    id: 'TokenCredentialCreateRequest',
    description: 'A credential to make: a bearer token.',
    examples: [{ type: 'token', name: 'git-bot', token: 'tok_3nq4V1o7wPxTq0m2yRj8' }],
  });

const sshCreateRequest = z
  .strictObject({
    type: z.literal('ssh').meta({ description: 'A private key, for `ssh://` URLs.', examples: ['ssh'] }),
    name,
    description: description().nullable().optional(),
    hosts: hosts.optional(),
    privateKey,
    knownHosts,
  })
  .meta({ id: 'SshCredentialCreateRequest', description: 'A credential to make: a private key, and the host keys.' });

export const credentialCreateRequest = z
  .discriminatedUnion('type', [basicCreateRequest, tokenCreateRequest, sshCreateRequest])
  .meta({ id: 'CredentialCreateRequest', description: 'A credential to make.' });

export type CredentialCreateRequest = z.output<typeof credentialCreateRequest>;

export const credentialPatchRequest = z
  .strictObject({
    name: name.optional(),
    description: description().nullable().optional(),
    hosts: hosts.optional(),
    type: credentialType.optional().meta({ description: 'Cannot change.', examples: ['basic'] }),
    username: username.optional(),
    password: password.optional(),
    token: token.optional(),
    caBundle: caBundle
      .optional()
      .meta({ description: 'Certificates to check with; `null` for the usual ones.', examples: [EXAMPLE_CERTIFICATE] }),
    privateKey: privateKey.optional(),
    knownHosts: knownHosts
      .optional()
      .meta({ description: 'The only host keys that are accepted.', examples: [EXAMPLE_KNOWN_HOSTS] }),
  })
  .meta({
    id: 'CredentialPatchRequest',
    description: 'What to change (RFC 7396): what is left out stays. Only the fields of its type are taken.',
    examples: [{ description: 'Renewed in March.', password: 'correct-horse-battery-staple' }],
  });

export type CredentialPatchRequest = z.output<typeof credentialPatchRequest>;

export const credentialResponse = z
  .strictObject({
    id: identifier('The id of the credential.'),
    name: z.string().meta({ description: 'The name of the credential; unique.', examples: ['git-bot'] }),
    description: nullableText('What it is for.', 'Reads and writes blueprints.'),
    type: credentialType,
    hosts,
    username: nullableText('The user name at the Git host; `null` for other types than `basic`.', 'bot'),
    caBundle: nullableText(
      'Certificates that the TLS certificate of the Git host is checked against; `null` for the usual ones.',
      EXAMPLE_CERTIFICATE,
    ),
    publicKey: nullableText(
      'Of type `ssh`: the public half of the private key, to paste at the Git host; otherwise `null`.',
      EXAMPLE_KEY,
    ),
    fingerprint: nullableText(
      'Of type `ssh`: the fingerprint of `publicKey`, as Git hosts show it; otherwise `null`.',
      EXAMPLE_FINGERPRINT,
    ),
    knownHosts: nullableText(
      'Of type `ssh`: the only host keys that are accepted; otherwise `null`.',
      EXAMPLE_KNOWN_HOSTS,
    ),
    createdAt: timestamp('When it was made.'),
    createdBy: z.string().meta({ description: 'Who made it.', examples: ['ada'] }),
    updatedAt: timestamp('When it was last changed.'),
    updatedBy: z.string().meta({ description: 'Who changed it last.', examples: ['ada'] }),
    etag: etag('the credential, its secret included'),
  })
  .meta({
    id: 'Credential',
    description: 'How pkgserver signs in at a Git host. The secret is never given back.',
    states: credentialExamples,
  });

export type CredentialResponse = z.output<typeof credentialResponse>;

export const credentialPage = pageOf('CredentialPage', 'credentials', credentialResponse);

export const credentialQuery = listQuery<CredentialFilter>(
  {
    name: textFilter(63, 'Only the credential of this name.', 'git-bot'),
    q: textFilter(63, 'Only those with this in their name.', 'bot'),
  },
  CREDENTIAL_SORTS,
);

export type CredentialQuery = z.output<typeof credentialQuery>;
