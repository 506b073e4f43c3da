import { z } from 'zod';
import { parseFollow } from '../../domain/follow.js';
import { ADOPTIONS, DELETIONS, textsIn, unknownNames, UPDATE_POLICIES } from '../../domain/variant.js';
import { choice } from '../../http/schema/choice.js';
import { EXAMPLE_ID, identifier, labels } from '../../http/schema/fields.js';
import { text } from '../../http/schema/text.js';
import { MOST_MUTATIONS, mutationOf, mutationRequestOf } from '../mutations/mutation.schema.js';
import { upgradeStrategy } from '../package-revisions/upgrades/upgrade.schema.js';

const MOST_CONTEXT = 100;
const MOST_BYTES = 64 * 1024;
const NAMES = '`${target.name}`, `${target.labels.KEY}`, `${variant.name}` and `${upstream.revision}`';

/** Texts hold no other names than those that stand for something. */
function checkNames(value: unknown, { addIssue }: z.core.$RefinementCtx): void {
  const [unknown] = textsIn(value).flatMap(unknownNames);
  if (unknown === undefined) return;
  addIssue({ code: 'custom', message: `Nothing is called \${${unknown}}: there are ${NAMES.replaceAll('`', '')}.` });
}

const follow = text(100)
  .refine((given) => parseFollow(given) !== null, {
    error: 'It is "latest", the id of a revision, or a range such as "v2", "~1.4" or "^1.4".',
  })
  .meta({
    description:
      'Which published revision is wanted: `latest`, one by its id, or the highest release of a range: `v2` and `2.1` are all that begin so, `~1.4` those from there on with the same minor number, `^1.4` those with the same major number.',
    examples: ['latest'],
  });

const VALUE = { description: `What it is to hold, in YAML of any kind. Texts in it may name ${NAMES}.`, examples: [3] };

const mutationRequest = mutationRequestOf(
  'MutationRequest',
  z.unknown().optional().superRefine(checkNames).meta(VALUE),
);
const mutation = mutationOf('Mutation', z.unknown().optional().meta(VALUE));

const isSmall = (given: unknown): boolean => Buffer.byteLength(JSON.stringify(given)) <= MOST_BYTES;

const mutationsRequest = z
  .array(mutationRequest)
  .max(MOST_MUTATIONS)
  .refine(isSmall, { error: `Together they have at most ${MOST_BYTES} bytes.` })
  .meta({ description: `What is changed of the blueprint's content, one after the other; at most ${MOST_MUTATIONS}.` });

const mutations = z.array(mutation).meta({ description: "What is changed of the blueprint's content." });

const packageContext = z
  .record(
    z.string().regex(/^[A-Za-z0-9._-]{1,253}$/, { error: 'Letters, digits, ".", "_" and "-".' }),
    text(4096).superRefine(checkNames),
  )
  .refine((given) => Object.keys(given).length <= MOST_CONTEXT, { error: `At most ${MOST_CONTEXT}.` })
  .refine((given) => !Object.hasOwn(given, 'name'), { error: '`name` is the name of the package.' })
  .meta({
    id: 'PackageContext',
    description: `What the \`data\` of its \`package-context.yaml\` is to hold. Values may name ${NAMES}.`,
    examples: [{ site: '${target.labels.site}' }],
  });

const updatePolicy = choice(
  'VariantUpdatePolicy',
  UPDATE_POLICIES,
  'What a change leads to by itself: `none`, a `draft`, or a proposal (`propose`). Nothing is ever approved.',
);

const adoption = choice(
  'VariantAdoption',
  ADOPTIONS,
  'What is done where the package is there already: `refuse`, or `adopt` it. One that was made from something else is never taken over.',
);

const deletion = choice(
  'VariantDeletion',
  DELETIONS,
  'What becomes of the package when the variant goes: it stays (`orphan`), or its revisions are proposed for deletion (`proposeDeletion`).',
);

export const upstream = {
  packageId: identifier('The package that it is made from.'),
  follow,
};

export const downstreamPlace = {
  repositoryId: identifier('The repository that it is in.'),
  realm: z
    .string()
    .max(1024)
    .default('')
    .meta({ description: 'The directories between target and package.', examples: ['nf'] }),
  package: z
    .string()
    .min(1)
    .max(63)
    .meta({ description: 'The name of the package.', examples: ['core'] }),
};

/** What variants and sets of them have in common, as a request has it. */
export const rulesRequest = {
  mutations: mutationsRequest.default([]),
  packageContext: packageContext.default({}),
  labels: labels.default({}),
  updatePolicy: updatePolicy.default('draft'),
  strategy: upgradeStrategy.default('resource-merge'),
  adoption: adoption.default('refuse'),
  deletion: deletion.default('orphan'),
};

/** The same, of a change: what is left out stays. */
export const rulesPatch = {
  upstream: z.strictObject({ follow }).optional().meta({ description: 'Which revision is wanted.' }),
  mutations: mutationsRequest.optional(),
  packageContext: packageContext.optional(),
  labels: labels.optional(),
  updatePolicy: updatePolicy.optional(),
  strategy: upgradeStrategy.optional(),
  adoption: adoption.optional(),
  deletion: deletion.optional(),
};

/** The same, of an answer. */
export const rulesResponse = {
  ...{ mutations, packageContext, labels, updatePolicy, adoption, deletion },
  strategy: upgradeStrategy,
};

export const EXAMPLE_UPSTREAM = { packageId: EXAMPLE_ID, follow: 'latest' };
