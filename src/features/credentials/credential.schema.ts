import { z } from 'zod';
import { description, etag, givenName, identifier, pageOf, timestamp } from '../../http/fields.js';
import { paging } from '../../http/query.js';
import { text } from '../../http/text.js';

const name = givenName('The name of the credential; unique.', 'git-bot');

const username = text(255)
  .min(1)
  .regex(/^[^:\p{Cc}]+$/u, { error: 'A user name has no colon and no control characters.' })
  .meta({
    description: 'The user name at the Git host.',
    examples: ['bot'],
    openapi: { type: 'string', minLength: 1, maxLength: 255 },
  });

const password = text(8192)
  .min(1)
  .meta({
    description: 'The password, or the access token used as one. Never given back.',
    examples: ['correct-horse-battery-staple'],
    writeOnly: true,
  });

const token = z
  .string()
  .regex(/^[\x21-\x7e]{1,8192}$/, { error: 'A token is 1 to 8192 visible ASCII characters.' })
  .meta({
    description: 'The token, sent as `Authorization: Bearer`. Never given back.',
    examples: ['tok_3nq4V1o7wPxTq0m2yRj8'],
    writeOnly: true,
  });

const basicCreateRequest = z
  .strictObject({
    type: z.literal('basic').meta({ description: 'A user name and a password.', examples: ['basic'] }),
    name,
    description: description().nullable().optional(),
    username,
    password,
  })
  .meta({ id: 'BasicCredentialCreateRequest', description: 'A credential to make: user name and password.' });

const tokenCreateRequest = z
  .strictObject({
    type: z.literal('token').meta({ description: 'A bearer token.', examples: ['token'] }),
    name,
    description: description().nullable().optional(),
    token,
  })
  .meta({ id: 'TokenCredentialCreateRequest', description: 'A credential to make: a bearer token.' });

export const credentialCreateRequest = z
  .discriminatedUnion('type', [basicCreateRequest, tokenCreateRequest])
  .meta({ id: 'CredentialCreateRequest', description: 'A credential to make.' });

export type CredentialCreateRequest = z.output<typeof credentialCreateRequest>;

export const credentialPatchRequest = z
  .strictObject({
    name: name.optional(),
    description: description().nullable().optional(),
    type: z
      .enum(['basic', 'token'])
      .optional()
      .meta({ description: 'Cannot change.', examples: ['basic'] }),
    username: username.optional(),
    password: password.optional(),
    token: token.optional(),
  })
  .meta({
    id: 'CredentialPatchRequest',
    description: 'What to change (RFC 7396): what is left out stays. The secret fields are those of the type.',
    examples: [{ description: 'Renewed in March.', password: 'correct-horse-battery-staple' }],
  });

export type CredentialPatchRequest = z.output<typeof credentialPatchRequest>;

export const credentialResponse = z
  .strictObject({
    id: identifier('The id of the credential.'),
    name: z.string().meta({ description: 'The name of the credential; unique.', examples: ['git-bot'] }),
    description: z
      .string()
      .nullable()
      .meta({ description: 'What it is for.', examples: ['Reads and writes blueprints.'] }),
    type: z.enum(['basic', 'token']).meta({ description: 'What kind it is.', examples: ['basic'] }),
    username: z
      .string()
      .nullable()
      .meta({ description: 'The user name at the Git host; `null` for a token.', examples: ['bot'] }),
    createdAt: timestamp('When it was made.'),
    createdBy: z.string().meta({ description: 'Who made it.', examples: ['ada'] }),
    updatedAt: timestamp('When it was last changed.'),
    updatedBy: z.string().meta({ description: 'Who changed it last.', examples: ['ada'] }),
    etag: etag('the credential, its secret included'),
  })
  .meta({ id: 'Credential', description: 'How pkgserver signs in at a Git host. The secret is never given back.' });

export type CredentialResponse = z.output<typeof credentialResponse>;

export const credentialPage = pageOf('CredentialPage', 'credentials', credentialResponse);

export const credentialQuery = z.strictObject({
  name: text(63)
    .min(1)
    .optional()
    .meta({ description: 'Only the credential of this name.', examples: ['git-bot'] }),
  q: text(63)
    .min(1)
    .optional()
    .meta({ description: 'Only those with this in their name.', examples: ['bot'] }),
  ...paging,
});

export type CredentialQuery = z.output<typeof credentialQuery>;
