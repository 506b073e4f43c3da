import { z } from 'zod';
import { isLabelValue, isQualifiedName, MAX_LABELS } from '../../domain/labels.js';
import { REPOSITORY_NAME } from '../../domain/naming.js';
import { choice } from './choice.js';
import { text } from './text.js';

export const EXAMPLE_ID = '0199a0de-7a3e-7cc1-a6a5-58d3d44e5a0c';
export const EXAMPLE_TIME = '2026-03-14T09:26:53.589Z';
export const EXAMPLE_ETAG = '3nq4V1o7wPxTq0m2yRj8b1cQfKs';
export const EXAMPLE_REVISION_NAME = 'edge-1.fleet.nf.core.initial';

/** An id in a body, a query or a path. */
export const identifier = (description: string) =>
  z.uuid().meta({ description, examples: [EXAMPLE_ID], openapi: { type: 'string', format: 'uuid' } });

export const timestamp = (description: string) =>
  z.string().meta({ description, format: 'date-time', examples: [EXAMPLE_TIME] });

export const etag = (what: string) =>
  z.string().meta({
    description: `Changes with every change of ${what}; the same as the \`ETag\` header, without its quotes.`,
    examples: [EXAMPLE_ETAG],
  });

/** Text of an answer that may be missing. */
export const nullableText = (description: string, example: string) =>
  z
    .string()
    .nullable()
    .meta({ description, examples: [example] });

/** How many there are of something. */
export const count = (description: string, example: number) =>
  z
    .int()
    .min(0)
    .meta({ description, examples: [example] });

/** A name that a user gives: of a repository, a credential or a workspace. */
export const givenName = (what: string, example: string) =>
  z
    .string()
    .regex(REPOSITORY_NAME, {
      error: 'Lower-case letters, digits and hyphens, at most 63; a letter or digit first and last.',
    })
    .meta({
      description: `${what} Lower-case letters, digits and hyphens, at most 63.`,
      examples: [example],
    });

export const description = () =>
  text(4096).meta({ description: 'What it is for, in your words.', examples: ['Blueprints of the network team.'] });

/** A label's key as Kubernetes has it: an optional DNS prefix and a name. */
const labelKey = z.string().refine(isQualifiedName, {
  error: 'A label key is a name of at most 63 characters, optionally behind a DNS prefix and a slash.',
});

const labelValue = z.string().refine(isLabelValue, {
  error: 'A label value is at most 63 letters, digits, "-", "_" or "."; a letter or digit first and last.',
});

const atMostLabels = (labels: object): boolean => Object.keys(labels).length <= MAX_LABELS;

export const labels = z
  .record(labelKey, labelValue)
  .refine(atMostLabels, { error: `There may be at most ${MAX_LABELS} labels.` })
  .meta({
    id: 'Labels',
    description: `Labels to select by, with the keys and values that Kubernetes allows; at most ${MAX_LABELS}.`,
    examples: [{ team: 'network', 'example.com/tier': 'gold' }],
  });

/** A merge patch of labels: a value sets one, `null` removes it, what is not named stays. */
export const labelsPatch = z
  .record(labelKey, labelValue.nullable())
  .refine(atMostLabels, { error: `There may be at most ${MAX_LABELS} labels.` })
  .meta({
    id: 'LabelsPatch',
    description: 'Labels to set; `null` removes one, what is not named stays.',
    examples: [{ team: 'network', 'example.com/tier': null }],
  });

/** What keys and values may be is checked where labels and annotations come together: in the domain. */
export const annotations = z.record(z.string(), z.string()).meta({
  id: 'Annotations',
  description: 'Notes for people and tools: keys as of labels, values of any text, 256 KiB together.',
  examples: [{ 'example.com/ticket': 'NET-1234' }],
});

/** A merge patch of annotations: a value sets one, `null` removes it, what is not named stays. */
export const annotationsPatch = z.record(z.string(), z.string().nullable()).meta({
  id: 'AnnotationsPatch',
  description: 'Annotations to set; `null` removes one, what is not named stays.',
  examples: [{ 'example.com/ticket': null }],
});

export const conditionStatus = choice(
  'ConditionStatus',
  ['True', 'False', 'Unknown'],
  'Whether a condition holds; `Unknown` until somebody looked.',
);

export const conditionResponse = z
  .strictObject({
    type: z.string().meta({ description: 'What the condition is about.', examples: ['Ready'] }),
    status: conditionStatus,
    reason: z.string().meta({ description: 'Why, in one word, for programs.', examples: ['Synced'] }),
    message: z
      .string()
      .meta({ description: 'Why, in a sentence, for people.', examples: ['The index matches the remote.'] }),
    lastTransitionTime: timestamp('When `status` last changed.'),
  })
  .meta({ id: 'Condition', description: 'One aspect of the present state, as Kubernetes writes it.' });

export type Condition = z.output<typeof conditionResponse>;

/** A page of a list. */
export const pageOf = <Item extends z.ZodType>(id: string, what: string, item: Item) =>
  z
    .strictObject({
      items: z.array(item).meta({ description: `The ${what} of this page.` }),
      nextCursor: nullableText(
        'The `cursor` of the next page; `null` on the last.',
        'WyJ6cWo0VjFvN3dQeFQiLCJibHVlcHJpbnRzIl0',
      ),
    })
    .meta({ id, description: `A page of ${what}.` });

/** The `{id}` slot of a path. */
export const pathId = (what: string) => identifier(`The id of the ${what}.`);
