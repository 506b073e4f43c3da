import { z } from 'zod';
import { DELIVERY_HEALTHS, DELIVERY_STATES } from '../../domain/delivery.js';
import { choice } from '../../http/schema/choice.js';
import { etag, identifier, nullableText, timestamp } from '../../http/schema/fields.js';
import { text } from '../../http/schema/text.js';

const EXAMPLE_COMMIT = 'c0ffee5b7e2a4d6f8091a2b3c4d5e6f708192a3b';

export const deliveryState = choice(
  'DeliveryState',
  DELIVERY_STATES,
  '`progressing`: the tool brings it out. `delivered`: it is there. `failed`: the tool could not.',
);

export const deliveryHealth = choice(
  'DeliveryHealth',
  DELIVERY_HEALTHS,
  'How what was delivered fares; `unknown` where the tool does not look.',
);

const tool = text(63)
  .min(1)
  .meta({ description: 'The tool that says so.', examples: ['flux'] });
const message = text(4096).meta({ description: 'What it says, for people.', examples: ['Applied in 1.2s.'] });

export const packageDeliveryResponse = z
  .strictObject({
    packageId: identifier('The package.'),
    tool,
    commit: nullableText('The commit that it is about.', EXAMPLE_COMMIT),
    revisionId: identifier('The published revision with that content.')
      .nullable()
      .meta({ description: 'The published revision with that content; `null`: none has it, or nobody knows yet.' }),
    revision: nullableText('Its revision.', 'v2'),
    state: deliveryState,
    health: deliveryHealth,
    message,
    observedAt: timestamp('When the tool saw it so.'),
    reportedAt: timestamp('When it said so here.'),
    reportedBy: z.string().meta({ description: 'Who said so.', examples: ['ci'] }),
    etag: etag('the report'),
  })
  .meta({ id: 'PackageDelivery', description: 'The newest report of a delivery tool about a package.' });

export type PackageDeliveryResponse = z.output<typeof packageDeliveryResponse>;

export const packageDeliveryRequest = z
  .strictObject({
    tool,
    commit: z
      .string()
      .regex(/^[0-9a-f]{40}(?:[0-9a-f]{24})?$/, { error: 'The OID of a commit is expected.' })
      .optional()
      .meta({
        description:
          'The commit that it is about: of a publication of the package, or of the branch of its repository.',
        examples: [EXAMPLE_COMMIT],
      }),
    revision: text(1024)
      .min(1)
      .optional()
      .meta({ description: 'The published revision that it is about, in place of a commit.', examples: ['v2'] }),
    state: deliveryState,
    health: deliveryHealth.default('unknown'),
    message: message.default(''),
    observedAt: z.iso.datetime({ offset: true, error: 'A time with a time zone is expected.' }).meta({
      description: 'When the tool saw it so. A report that is older than the one that is known changes nothing.',
      examples: ['2026-03-14T09:26:53.589Z'],
      openapi: { type: 'string', format: 'date-time' },
    }),
  })
  .refine(({ commit, revision }) => (commit === undefined) !== (revision === undefined), {
    error: 'Either a commit or a revision is expected.',
    path: ['commit'],
  })
  .meta({ id: 'PackageDeliveryRequest', description: 'What a delivery tool observed; a `commit` or a `revision`.' });

export type PackageDeliveryRequest = z.output<typeof packageDeliveryRequest>;
