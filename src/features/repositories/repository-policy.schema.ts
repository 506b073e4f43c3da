import { z } from 'zod';
import { isQualifiedName } from '../../domain/labels.js';
import { choice } from '../../http/schema/choice.js';
import { AUTHOR_KINDS } from '../../domain/release-policy.js';

const MAX_GATES = 64;

const requiredApprovals = z
  .int()
  .min(1)
  .max(10)
  .meta({ description: 'How many different people have to approve; 1 by default.', examples: [2] });
const selfApproval = z.boolean().meta({
  description: "Whether an author's approval counts; by default in catalogs, and not in deployment repositories.",
  examples: [false],
});
const authorKind = choice(
  'AuthorKind',
  AUTHOR_KINDS,
  '`creator`: created the draft. `editors`: their content is in it. `proposer`: proposed it.',
);
const authors = z
  .array(authorKind)
  .min(1)
  .refine(isDistinct, { error: 'Each at most once.' })
  .meta({
    description:
      'Who counts as an author: whoever created the draft (`creator`), everybody whose content is in it (`editors`), ' +
      'whoever proposed it (`proposer`). All of them by default.',
    examples: [['creator', 'editors', 'proposer']],
  });
const readinessGates = z
  .array(
    z.string().refine(isQualifiedName, {
      error: 'A condition type is a name of at most 63 characters, optionally behind a DNS prefix and a slash.',
    }),
  )
  .max(MAX_GATES)
  .refine(isDistinct, { error: 'Each at most once.' })
  .meta({
    description: `Conditions that must be \`True\` before anything is published, beside those of its Kptfile; at most ${MAX_GATES}.`,
    examples: [['example.com/scanned']],
  });

export const policyRequest = z
  .strictObject({
    requiredApprovals: requiredApprovals.nullable().optional(),
    selfApproval: selfApproval.nullable().optional(),
    authors: authors.nullable().optional(),
    readinessGates: readinessGates.nullable().optional(),
  })
  .meta({
    id: 'ReleasePolicyRequest',
    description: 'What a publication needs; `null` stands for the default, and what is left out stays as it is.',
  });

export const policyResponse = z
  .strictObject({ requiredApprovals, selfApproval, authors, readinessGates })
  .meta({ id: 'ReleasePolicy', description: 'What a publication needs, defaults included.' });

function isDistinct(values: readonly string[]): boolean {
  return new Set(values).size === values.length;
}
