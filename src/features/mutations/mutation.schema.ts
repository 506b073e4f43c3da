import { z } from 'zod';
import { labels } from '../../http/schema/fields.js';
import { text } from '../../http/schema/text.js';
import { parseFieldPath } from '../../krm/diff/field-path.js';

/** How many fields one request changes at most. */
export const MOST_MUTATIONS = 100;

const EXAMPLE_OBJECTS = { kind: 'Deployment', name: 'web' };
const EXAMPLE_MUTATION = { objects: EXAMPLE_OBJECTS, path: 'spec.replicas', value: 3 };

const objectFields = {
  apiVersion: text(317)
    .min(1)
    .optional()
    .meta({ description: 'Their apiVersion.', examples: ['apps/v1'] }),
  kind: text(253)
    .min(1)
    .optional()
    .meta({ description: 'Their kind.', examples: ['Deployment'] }),
  namespace: text(253)
    .min(1)
    .optional()
    .meta({ description: 'Their namespace.', examples: ['shop'] }),
  name: text(253)
    .min(1)
    .optional()
    .meta({ description: 'Their name.', examples: ['web'] }),
  labels: labels.optional(),
};
const OBJECTS = { description: 'Which objects are meant: those that have all of it.', examples: [EXAMPLE_OBJECTS] };

const objectsRequest = z
  .strictObject(objectFields)
  .refine((given) => Object.values(given).some((value) => value !== undefined), {
    error: 'Say which objects are meant.',
  })
  .meta({ id: 'ObjectMatchRequest', ...OBJECTS });

const PATH = {
  description: 'The field, as diffs write it. What is missing on the way is made, but for items of lists.',
  examples: ['spec.replicas'],
};
const remove = z
  .literal(true)
  .optional()
  .meta({ description: 'In place of a value: it is not to be there.', examples: [true] });
const MUTATION = { description: 'One field of objects, set or taken away.', examples: [EXAMPLE_MUTATION] };

/** A mutation as a request has it. `value`: what a field may be set to, and what that means. */
export const mutationRequestOf = (id: string, value: z.ZodOptional<z.ZodUnknown>) =>
  z
    .strictObject({
      objects: objectsRequest,
      path: text(1024)
        .min(1)
        .refine((given) => (parseFieldPath(given)?.length ?? 0) > 0, {
          error: 'It is no path of a field, such as spec.template.spec.containers[name=web].image.',
        })
        .meta(PATH),
      ...{ value, remove },
    })
    .refine((given) => (given.value === undefined) === (given.remove === true), {
      error: 'Either `value` or `remove` is given.',
      path: ['value'],
    })
    .meta({ id, ...MUTATION });

/** The same, as an answer has it. */
export const mutationOf = (id: string, value: z.ZodOptional<z.ZodUnknown>) =>
  z
    .strictObject({
      objects: z.strictObject(objectFields).meta({ id: 'ObjectMatch', ...OBJECTS }),
      ...{ path: z.string().meta(PATH), value, remove },
    })
    .meta({ id, ...MUTATION });
