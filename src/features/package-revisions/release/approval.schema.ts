import { z } from 'zod';
import { openChoice } from '../../../http/schema/choice.js';
import { conditionStatus, identifier, timestamp, nullableText, count } from '../../../http/schema/fields.js';
import { text } from '../../../http/schema/text.js';
import { comment } from '../package-revision.request.schema.js';
import { treeOid } from '../package-revision.schema.js';

const breakGlassRequest = z
  .strictObject({
    reason: text(1024)
      .min(1)
      .refine((reason) => reason.trim() !== '', { error: 'A reason has words.' })
      .meta({
        description: 'Why; it goes into the publish commit and the audit log.',
        examples: ['Outage 4711: nobody else is awake.'],
      }),
  })
  .meta({ id: 'BreakGlassRequest', description: 'For emergencies: publishes without approvals of others and gates.' });

export const approveRequest = z
  .strictObject({
    comment: comment.meta({ examples: ['Checked against the change request.'] }),
    breakGlass: breakGlassRequest.optional(),
  })
  .meta({
    id: 'ApproveRequest',
    description: 'An approval; may be left out.',
    examples: [{ comment: 'Checked against the change request.' }],
  });

export type ApproveRequest = z.output<typeof approveRequest>;

const invalidReason = openChoice(
  'ApprovalInvalidReason',
  ['withdrawn', 'rejected', 'changed', 'breakGlass', 'noRole', 'ownWork', 'repeated'],
  'Why an approval does not count: it was `withdrawn`, the proposal was `rejected`, the content `changed`, whoever ' +
    'gave it may approve no more (`noRole`), it is that of an author (`ownWork`), the second of one person (`repeated`), or it broke the glass (`breakGlass`).',
);

const approvalResponse = z
  .strictObject({
    id: identifier('The id of the approval.'),
    approvedBy: z.string().meta({ description: 'Who gave it.', examples: ['grace'] }),
    comment: nullableText('What they said.', 'Checked against the change request.'),
    tree: treeOid('The content that was approved.'),
    createdAt: timestamp('When it was given.'),
    valid: z.boolean().meta({ description: 'Whether it counts.', examples: [true] }),
    invalidReason: invalidReason.nullable().meta({ description: 'Why it does not count.', examples: [null] }),
    voidedAt: timestamp('When it ceased to count; `null` where it did not.')
      .nullable()
      .meta({ examples: [null] }),
  })
  .meta({ id: 'Approval', description: "Someone's word for the content of a proposal." });

const gateResponse = z
  .strictObject({
    type: z.string().meta({ description: 'The type of the condition.', examples: ['example.com/scanned'] }),
    status: conditionStatus.meta({ description: 'What was said of the present content.', examples: ['True'] }),
    reason: z.string().meta({
      description: 'Why; `NotSet` where nothing was said, `ContentChanged` where it was said of other content.',
      examples: ['NoFindings'],
    }),
    met: z.boolean().meta({ description: 'Whether it is open.', examples: [true] }),
  })
  .meta({ id: 'ReadinessGate', description: 'A condition that has to be `True` before the revision is published.' });

export const releaseStateResponse = z
  .strictObject({
    items: z.array(approvalResponse).meta({ description: 'All approvals, oldest first.' }),
    required: z
      .int()
      .min(1)
      .meta({ description: 'How many different people have to approve.', examples: [2] }),
    missing: count('How many of them are still to do so.', 1),
    gates: z
      .array(gateResponse)
      .meta({ description: "Readiness gates, of the repository's policy and of the Kptfile." }),
  })
  .meta({ id: 'ReleaseState', description: 'Who approved a revision, and what it still needs to be published.' });

export type ReleaseStateResponse = z.output<typeof releaseStateResponse>;
