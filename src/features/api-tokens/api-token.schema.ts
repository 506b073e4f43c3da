import { z } from 'zod';
import { EXAMPLE_ID, etag, identifier, pageOf, timestamp, nullableText } from '../../http/schema/fields.js';
import { listQuery, textFilter } from '../../http/schema/query.js';
import { text } from '../../http/schema/text.js';
import { apiTokenExamples, issuedTokenExample } from './api-token.examples.js';
import { role } from '../role-bindings/role-binding.schema.js';
import { API_TOKEN_SORTS, type ApiTokenFilter } from './api-token.filter.js';

const DEFAULT_DAYS = 90;

const description = text(256)
  .min(1)
  .meta({ description: 'What it is for.', examples: ['The nightly image scan.'] });
const user = text(128)
  .min(1)
  .meta({ description: 'Whom it acts for: under this name, with the roles of this user.', examples: ['scanner'] });
const roles = z
  .array(role)
  .max(7)
  .meta({
    description: 'It may do only what these roles may, if its user may do it at all; empty: whatever its user may.',
    examples: [['checker']],
  });
const repositoryIds = z
  .array(identifier('The id of a repository.'))
  .min(1)
  .max(100)
  .nullable()
  .meta({
    description: 'It may do only something in these repositories; `null`: wherever its user may.',
    examples: [[EXAMPLE_ID]],
  });

export const apiTokenCreateRequest = z
  .strictObject({
    description,
    user: user.optional().meta({
      description: 'Whom it is to act for; you, if left out. For somebody else it takes `apiTokens.manage`.',
      examples: ['scanner'],
    }),
    expiresInDays: z
      .int()
      .min(1)
      .max(366)
      .default(DEFAULT_DAYS)
      .meta({ description: 'For how many days it works.', examples: [DEFAULT_DAYS] }),
    roles: roles.default([]),
    repositoryIds: repositoryIds.default(null),
  })
  .meta({ id: 'ApiTokenCreateRequest', description: 'An API token to make.' });

export type ApiTokenCreateRequest = z.output<typeof apiTokenCreateRequest>;

const fields = {
  id: identifier('The id of the API token, which is also part of its text.'),
  description,
  user,
  groups: z.array(z.string()).meta({
    description:
      'The groups that the user had when it was made. They count until the identity provider has named others.',
    examples: [['team-edge']],
  }),
  roles,
  repositoryIds,
  createdAt: timestamp('When it was made.'),
  createdBy: z.string().meta({ description: 'Who made it.', examples: ['ada'] }),
  expiresAt: timestamp('When it stops working; not after the token that it was made with.'),
  lastUsedAt: timestamp('When it was last used, to the minute; `null` for never.').nullable(),
  revokedAt: timestamp('When it was revoked; `null` while it was not.').nullable(),
  revokedBy: nullableText('Who revoked it.', 'ada'),
  etag: etag('the API token, except of when it was last used'),
};

export const apiTokenResponse = z.strictObject(fields).meta({
  id: 'ApiToken',
  description: 'What a program signs in with. Its secret is kept by its holder alone.',
  states: apiTokenExamples,
});

export type ApiTokenResponse = z.output<typeof apiTokenResponse>;

export const issuedApiTokenResponse = z
  .strictObject({
    ...fields,
    token: z
      .string()
      .optional()
      .meta({
        description:
          'What goes behind `Authorization: Bearer`. It is shown this once, and not when an answer is repeated.',
        examples: ['pks_<id>_<secret>'],
      }),
  })
  .meta({
    id: 'IssuedApiToken',
    description: 'An API token that was just made, with its secret.',
    examples: [issuedTokenExample],
  });

export type IssuedApiTokenResponse = z.output<typeof issuedApiTokenResponse>;

export const apiTokenPage = pageOf('ApiTokenPage', 'API tokens', apiTokenResponse);

export const apiTokenQuery = listQuery<ApiTokenFilter>(
  {
    user: textFilter(128, 'Only those of this user.', 'scanner'),
  },
  API_TOKEN_SORTS,
);

export type ApiTokenQuery = z.output<typeof apiTokenQuery>;
