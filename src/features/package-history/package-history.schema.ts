import { z } from 'zod';
import { openChoice } from '../../http/schema/choice.js';
import { identifier, nullableText, pageOf, timestamp } from '../../http/schema/fields.js';
import { listQuery } from '../../http/schema/query.js';
import { commitOid, treeOid, upstreamResponse } from '../package-revisions/package-revision.schema.js';
import { HISTORY_SORTS, HISTORY_EVENTS, type HistoryFilter } from './package-history.filter.js';

const commit = z
  .strictObject({
    oid: commitOid('The commit.'),
    author: nullableText('Who wrote it.', 'Ada <ada@example.com>'),
    committer: nullableText('Who committed it.', 'Ada <ada@example.com>'),
    subject: nullableText('Its first line.', 'More replicas'),
    lostAt: timestamp('Since when the ref is without it.').nullable(),
  })
  .meta({
    id: 'HistoryCommit',
    description: 'A commit; `null`: not read yet.',
  });

const entry = z
  .strictObject({
    time: timestamp('When.'),
    event: openChoice('HistoryEvent', HISTORY_EVENTS, '`committed`: directly on the ref.'),
    by: nullableText('Who, if known.', 'grace'),
    comment: nullableText('Why.', 'It does not start.'),
    revisionId: identifier('Its revision; may be gone.').nullable(),
    revision: nullableText('Its number.', 'v2'),
    commit: commit.nullable(),
    treeBefore: treeOid('The tree of the ref before.').nullable(),
    tree: treeOid('The tree from then on.').nullable(),
    approvedBy: z.array(z.string()).meta({ description: 'Who approved it.', examples: [['grace']] }),
    upstream: upstreamResponse.nullable(),
  })
  .meta({ id: 'HistoryEntry', description: 'What happened to a package.' });

export type HistoryEntryResponse = z.output<typeof entry>;

export const historyPage = pageOf('HistoryPage', 'history entries', entry);

export const historyQuery = listQuery<HistoryFilter>({}, HISTORY_SORTS);

export type HistoryQuery = z.output<typeof historyQuery>;
