import { z } from 'zod';
import { openChoice } from '../../http/schema/choice.js';
import { EXAMPLE_ID, etag, identifier, pageOf, timestamp } from '../../http/schema/fields.js';
import { listOf, listQuery } from '../../http/schema/query.js';
import { text } from '../../http/schema/text.js';
import { RECEIVER_SORTS, type ReceiverFilter } from './receiver.filter.js';
import { takenReport } from './reports/received-report.schema.js';

const name = text(255)
  .min(1)
  .meta({ description: 'Its name, for people; several may have the same.', examples: ['gitea'] });
const type = openChoice(
  'ReceiverType',
  ['github', 'gitlab', 'gitea', 'bitbucket', 'generic', 'flux', 'argocd'],
  'Who calls it, and so how the call is signed. Forgejo calls as `gitea`; `generic` is whatever signs by `X-Signature`. `flux` and `argocd` are delivery tools, which report of packages; all others are Git hosts.',
);
const repositoryIds = z
  .array(identifier('The id of a repository.'))
  .min(1)
  .max(100)
  .transform((ids) => [...new Set(ids)].sort())
  .meta({
    description: 'The repositories that it can have read again, or of whose packages it can report, and no others.',
    examples: [[EXAMPLE_ID]],
  });

const fields = {
  id: identifier('The id of the receiver.'),
  name,
  type,
  repositoryIds: z.array(z.string()).meta({
    description: 'The repositories that it is for; none where all were unregistered.',
    examples: [[EXAMPLE_ID]],
  }),
  url: z.string().meta({
    description:
      'What to paste at the Git host or delivery tool; behind the address of this server, where it is a path.',
    examples: [`/api/v1/receivers/${EXAMPLE_ID}/hook`],
  }),
  lastReceivedAt: timestamp('When a call with a right signature came last; `null` for never.').nullable(),
  createdAt: timestamp('When it was made.'),
  createdBy: z.string().meta({ description: 'Who made it.', examples: ['ada'] }),
  updatedAt: timestamp('When it was last changed.'),
  updatedBy: z.string().meta({ description: 'Who changed it last.', examples: ['ada'] }),
  etag: etag('the receiver and its secret'),
};

export const receiverResponse = z.strictObject(fields).meta({
  id: 'Receiver',
  description: 'Where a Git host sends its webhooks, so that a push is seen at once, or a delivery tool its reports.',
});

export type ReceiverResponse = z.output<typeof receiverResponse>;

export const issuedReceiverResponse = z
  .strictObject({
    ...fields,
    secret: z
      .string()
      .optional()
      .meta({
        description:
          'What to paste as the secret at the Git host. It is shown this once, and not when an answer is repeated.',
        examples: ['3nq4V1o7wPxTq0m2yRj8b1cQfKsE5uZxGh6LdWaNvYp'],
      }),
  })
  .meta({ id: 'IssuedReceiver', description: 'A receiver with the secret that it was just given.' });

export type IssuedReceiverResponse = z.output<typeof issuedReceiverResponse>;

export const receiverPage = pageOf('ReceiverPage', 'receivers', receiverResponse);

export const receiverCreateRequest = z
  .strictObject({ name, type, repositoryIds })
  .meta({ id: 'ReceiverCreateRequest', description: 'A receiver to make.' });

export type ReceiverCreateRequest = z.output<typeof receiverCreateRequest>;

export const receiverPatchRequest = z
  .strictObject({ name: name.optional(), repositoryIds: repositoryIds.optional() })
  .meta({ id: 'ReceiverPatchRequest', description: 'What is to change.' });

export type ReceiverPatchRequest = z.output<typeof receiverPatchRequest>;

export const receiverQuery = listQuery<ReceiverFilter>(
  {
    type: listOf(type).describe('Only those of these types.'),
    repositoryId: identifier('Only those of this repository.').optional(),
  },
  RECEIVER_SORTS,
);

export type ReceiverQuery = z.output<typeof receiverQuery>;

/** Whatever an unknown receiver is called, the answer is that of a wrong signature. */
export const calledReceiver = z.string().meta({
  description: 'The id of the receiver.',
  examples: [EXAMPLE_ID],
  openapi: { type: 'string', format: 'uuid' },
});

/** The bytes that were signed, or nothing. */
export const hookBody = z.unknown().meta({
  id: 'ReceivedHook',
  description: 'What the Git host or delivery tool sends: JSON, or a form with JSON as its `payload`.',
  examples: [{ repository: { clone_url: 'https://git.example.com/team/blueprints.git' } }],
  openapi: { type: 'object', additionalProperties: true },
});

export const hookResponse = z
  .strictObject({
    repositoryIds: z.array(z.string()).meta({
      description:
        'The repositories that are read again for it: those of the receiver that it names, or all if it names none; none for a delivery tool.',
      examples: [[EXAMPLE_ID]],
    }),
    report: takenReport.optional().meta({ description: 'Of a delivery tool: what came of its report.' }),
  })
  .meta({ id: 'TakenWebhook', description: 'What follows from a webhook.' });

export type HookResponse = z.output<typeof hookResponse>;
