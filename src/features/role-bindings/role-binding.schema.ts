import { z } from 'zod';
import { ROLES } from '../../access/role.js';
import { choice, openChoice } from '../../http/schema/choice.js';
import {
  EXAMPLE_ETAG,
  EXAMPLE_ID,
  EXAMPLE_TIME,
  etag,
  identifier,
  pageOf,
  timestamp,
} from '../../http/schema/fields.js';
import { listOf, listQuery, textFilter } from '../../http/schema/query.js';
import { text } from '../../http/schema/text.js';
import { ROLE_BINDING_SORTS, type RoleBindingFilter } from './role-binding.filter.js';

export const role = openChoice(
  'Role',
  ROLES,
  'What someone may do: `viewer` reads; `author` also drafts and proposes; `approver` reads, approves and rejects; ' +
    '`checker` reads and sets conditions; `repositoryAdmin` does all that and manages the repository and its roles; ' +
    '`auditor` reads, the audit log included; `admin` does everything.',
);

const subjectType = choice('SubjectType', ['user', 'group'], 'Whether it is one person or a group.');

const subject = (id: string) =>
  z
    .strictObject({
      type: subjectType,
      name: text(256)
        .min(1)
        .meta({
          description: 'The name, as the identity provider or the API token has it.',
          examples: ['team-edge'],
        }),
    })
    .meta({ id, description: 'Who has the role.' });

const repositoryId = identifier('The repository in which the role counts; `null` for all of them.').nullable();

const path = text(1024)
  .min(1)
  .nullable()
  .meta({
    description:
      'The package paths of the repository for which the role counts; `null` for all of them. `*` ends a segment, `**` as ' +
      'the last segment is everything below.',
    examples: ['edge*/**'],
  });

export const roleBindingCreateRequest = z
  .strictObject({
    role,
    subject: subject('RoleSubjectRequest'),
    repositoryId: repositoryId.default(null),
    path: path.default(null),
  })
  .meta({
    id: 'RoleBindingCreateRequest',
    description:
      'A role to give. `admin` and `auditor` are given on all repositories only, `repositoryAdmin` not on paths.',
  });

export type RoleBindingCreateRequest = z.output<typeof roleBindingCreateRequest>;

export const roleBindingResponse = z
  .strictObject({
    id: identifier('The id of the role binding.'),
    role,
    subject: subject('RoleSubject'),
    repositoryId,
    path,
    createdAt: timestamp('When it was made.'),
    createdBy: z.string().meta({ description: 'Who made it.', examples: ['ada'] }),
    etag: etag('the role binding, which has none'),
  })
  .meta({
    id: 'RoleBinding',
    description: 'A role that someone has. It never changes: take it away, and give another one.',
    examples: [
      {
        id: EXAMPLE_ID,
        role: 'approver',
        subject: { type: 'group', name: 'team-edge' },
        repositoryId: EXAMPLE_ID,
        path: 'edge*/**',
        createdAt: EXAMPLE_TIME,
        createdBy: 'ada',
        etag: EXAMPLE_ETAG,
      },
    ],
  });

export type RoleBindingResponse = z.output<typeof roleBindingResponse>;

export const roleBindingPage = pageOf('RoleBindingPage', 'role bindings', roleBindingResponse);

export const roleBindingQuery = listQuery<RoleBindingFilter>(
  {
    role: listOf(role).meta({ description: 'Only these roles.', examples: [['approver']] }),
    subjectType: subjectType
      .optional()
      .meta({ description: 'Only those of users, or of groups.', examples: ['group'] }),
    subject: textFilter(256, 'Only those of the user or group of this name.', 'team-edge'),
    repositoryId: identifier('Only those of this repository.').optional(),
  },
  ROLE_BINDING_SORTS,
);

export type RoleBindingQuery = z.output<typeof roleBindingQuery>;
