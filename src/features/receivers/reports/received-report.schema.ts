import { z } from 'zod';
import { choice } from '../../../http/schema/choice.js';
import { identifier, nullableText, pageOf, timestamp } from '../../../http/schema/fields.js';
import { listOf, listQuery } from '../../../http/schema/query.js';
import { RECEIVED_SORTS, type ReceivedFilter } from './received-report.filter.js';

const outcome = choice(
  'ReceivedOutcome',
  ['reported', 'known', 'ignored'],
  '`reported`: it counts. `known`: what is known is newer, or says the same. `ignored`: it says nothing of a package of the receiver.',
);

const taken = {
  outcome,
  reason: nullableText('Why it does not count; `null` where it does.', 'It names no commit.'),
  subject: nullableText(
    'What it is about, as the tool calls it; `null` where it does not say that.',
    'Kustomization/flux-system/edge-1-web',
  ),
  packageId: identifier('The package.')
    .nullable()
    .meta({ description: 'The package that it is about; `null`: none is known.' }),
};

/** Of the answer to a call. */
export const takenReport = z
  .strictObject(taken)
  .meta({ id: 'TakenReport', description: 'What came of the report of a delivery tool.' });

const receivedReport = z
  .strictObject({ receivedAt: timestamp('When it came.'), ...taken })
  .meta({ id: 'ReceivedReport', description: 'A call of a delivery tool, and what came of it.' });

export const receivedReportPage = pageOf('ReceivedReportPage', 'calls', receivedReport);

export type ReceivedReportPage = z.output<typeof receivedReportPage>;

export const receivedReportQuery = listQuery<ReceivedFilter>(
  { outcome: listOf(outcome).meta({ description: 'Only those of which this came.', examples: [['ignored']] }) },
  RECEIVED_SORTS,
);

export type ReceivedReportQuery = z.output<typeof receivedReportQuery>;
