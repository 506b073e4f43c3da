import { Prisma } from '../../database/generated/client.js';
import type { SortKey, Sorts } from '../../database/list.sql.js';
import type { Upstream } from '../../domain/revision.js';

/** What a timeline tells of. */
export const HISTORY_EVENTS = [
  'published',
  'committed',
  'deleted',
  'tagMoved',
  'tagDeleted',
  'glassBroken',
  'drafted',
  'draftDeleted',
  'proposed',
  'rejected',
  'withdrawn',
  'approved',
  'approvalWithdrawn',
  'deletionProposed',
  'deletionRejected',
] as const;

export type HistoryEvent = (typeof HISTORY_EVENTS)[number];

/** An entry of a package's timeline. */
export interface HistoryRow {
  time: Date;
  /** The same in whole seconds, as Git knows times: an approval comes before the publication that it made. */
  second: Date;
  /** Tells entries of one second apart, and orders them: what people do, then what follows from it. */
  place: string;
  event: HistoryEvent;
  by: string | null;
  comment: string | null;
  revisionId: string | null;
  revision: string | null;
  oid: string | null;
  author: string | null;
  committer: string | null;
  subject: string | null;
  lostAt: Date | null;
  treeBefore: string | null;
  tree: string | null;
  approvedBy: string[];
  upstream: Upstream | null;
  upstreamRevisionId: string | null;
}

export const HISTORY_SORTS: Sorts<SortKey<HistoryRow>> = {
  time: [
    { key: 'second', column: Prisma.sql`x.second`, type: 'time', order: 'ascending' },
    { key: 'place', column: Prisma.sql`x.place COLLATE "C"`, type: 'text', order: 'ascending' },
  ],
};
