import { z } from 'zod';
import { textFilter } from '../../http/schema/query.js';
import { PERMISSIONS } from '../../access/permission.js';
import { openChoice } from '../../http/schema/choice.js';
import { EXAMPLE_ID, identifier, nullableText } from '../../http/schema/fields.js';

const permissions = z.array(openChoice('Permission', PERMISSIONS, 'Something that one may be allowed to do.'));

export const meResponse = z
  .strictObject({
    user: z.string().meta({ description: 'Your name, as in commits and in the audit log.', examples: ['alice'] }),
    email: nullableText('Your e-mail address, if it is known.', 'alice@example.com'),
    groups: z.array(z.string()).meta({ description: 'The groups that you are in.', examples: [['team-edge']] }),
    tokenId: identifier('The API token that you sent; `null` for another way to sign in.').nullable(),
    verified: z
      .boolean()
      .meta({ description: '`false` where nobody has to sign in, so that names are only believed.', examples: [true] }),
    permissions: permissions.meta({
      description: 'What you may do on all repositories; see `/me/permissions` for one of them.',
      examples: [['repositories.read', 'packages.read']],
    }),
  })
  .meta({ id: 'Me', description: 'Who you are to the server.' });

export type MeResponse = z.output<typeof meResponse>;

export const permissionsQuery = z.strictObject({
  repositoryId: identifier('In this repository; left out: on all repositories.').optional(),
  path: textFilter(1024, 'For the package at this path of the repository.', 'edge-1/core'),
});

export type PermissionsQuery = z.output<typeof permissionsQuery>;

export const permissionsResponse = z
  .strictObject({
    repositoryId: identifier('The repository that was asked about; `null` for all.').nullable(),
    path: nullableText('The path that was asked about; `null` for the whole.', 'edge-1/core'),
    permissions: permissions.meta({ description: 'What you may do there.', examples: [['packages.read']] }),
  })
  .meta({
    id: 'EffectivePermissions',
    description: 'What you may do somewhere, by all of your roles together.',
    examples: [{ repositoryId: EXAMPLE_ID, path: 'edge-1/core', permissions: ['packages.read'] }],
  });

export type PermissionsResponse = z.output<typeof permissionsResponse>;
