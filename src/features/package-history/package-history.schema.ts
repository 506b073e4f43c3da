import { z } from 'zod';
import { openChoice } from '../../http/schema/choice.js';
import { identifier, nullableText, pageOf, timestamp } from '../../http/schema/fields.js';
import { listQuery } from '../../http/schema/query.js';
import { commitOid, treeOid, upstreamResponse } from '../package-revisions/package-revision.schema.js';
import { HISTORY_SORTS, HISTORY_EVENTS } from './package-history.filter.js';

const commit = z
  .strictObject({
    oid: commitOid('The commit.'),
    author: nullableText('Who wrote it.', 'Ada <ada@example.com>'),
    committer: nullableText('Who committed it.', 'Ada <ada@example.com>'),
    subject: nullableText('The first line of its message.', 'More replicas'),
    lostAt: timestamp('When it was seen that the ref does not hold it any more; `null`: it does.').nullable(),
  })
  .meta({
    id: 'HistoryCommit',
    description: 'A commit; but for `oid`, `null` where the ref was not read that far yet.',
  });

const entry = z
  .strictObject({
    time: timestamp('When; of commits and publications, as Git says.'),
    event: openChoice(
      'HistoryEvent',
      HISTORY_EVENTS,
      'What happened. `committed`: on the ref. `deleted`, `tagMoved`, `tagDeleted`: of a publication. `glassBroken`: published without what the policy asks for.',
    ),
    by: nullableText('Who; `null` where nobody could be known.', 'grace'),
    comment: nullableText('Why, where they said so.', 'It does not start.'),
    revisionId: identifier('The package revision, which may be gone; of a commit, one that it published.').nullable(),
    revision: nullableText('Its number, if it has one.', 'v2'),
    commit: commit.nullable(),
    treeBefore: treeOid('The tree before; `null`: none, or not known.').nullable(),
    tree: treeOid('The tree from then on; `null`: none, or the same.').nullable(),
    approvedBy: z.array(z.string()).meta({ description: 'Of a publication: who approved it.', examples: [['grace']] }),
    upstream: upstreamResponse.nullable(),
  })
  .meta({ id: 'HistoryEntry', description: 'What happened to a package.' });

export type HistoryEntryResponse = z.output<typeof entry>;

export const historyPage = pageOf('HistoryPage', 'history entries', entry);

export const historyQuery = listQuery<object>({}, HISTORY_SORTS);

export type HistoryQuery = z.output<typeof historyQuery>;
