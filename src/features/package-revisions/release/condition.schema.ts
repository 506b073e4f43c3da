import { z } from 'zod';
import { conditionResponse, conditionStatus, nullableText } from '../../../http/schema/fields.js';
import { text } from '../../../http/schema/text.js';

const boundTo = {
  tree: nullableText(
    'The content that it was set for; `null`: pkgserver noted it, whatever the content is.',
    '9d1f3c5b7e2a4d6f8091a2b3c4d5e6f708192a3b',
  ),
  current: z
    .boolean()
    .meta({ description: 'Whether that is the present content. Others open no gate.', examples: [true] }),
};

export const revisionCondition = conditionResponse
  .extend({
    type: z.string().meta({ description: 'What the condition is about.', examples: ['example.com/scanned'] }),
    reason: z.string().meta({ description: 'Why, in one word, for programs.', examples: ['NoFindings'] }),
    message: z.string().meta({ description: 'Why, in a sentence, for people.', examples: ['Nothing was found.'] }),
    ...boundTo,
  })
  .meta({ id: 'PackageRevisionCondition', description: 'One aspect of a package revision, as Kubernetes writes it.' });

export type ConditionResponse = z.output<typeof revisionCondition>;

export const conditionSetRequest = z
  .strictObject({
    status: conditionStatus.meta({
      description: 'Whether it holds for the content that `If-Match` names.',
      examples: ['True'],
    }),
    reason: text(1024)
      .default('')
      .meta({ description: 'Why, in one word, for programs.', examples: ['NoFindings'] }),
    message: text(4096)
      .default('')
      .meta({ description: 'Why, in a sentence, for people.', examples: ['Nothing was found.'] }),
  })
  .meta({ id: 'ConditionSetRequest', description: 'What a checker says about the content.' });

export type ConditionSetRequest = z.output<typeof conditionSetRequest>;

/** Judged by the service, so that a wrong one is a fault of the request and not something that is not there. */
export const conditionType = z.string().meta({
  description: 'The type: a name of at most 63 characters, optionally behind a DNS prefix and `/` (written `%2F`).',
  examples: ['example.com/scanned'],
});
