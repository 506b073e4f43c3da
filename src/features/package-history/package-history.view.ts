import { isoTime } from '../../domain/iso-time.js';
import { shownUpstream } from '../../domain/revision.js';
import type { HistoryRow } from './package-history.filter.js';
import type { HistoryEntryResponse } from './package-history.schema.js';

export function toHistoryEntryResponse(row: HistoryRow): HistoryEntryResponse {
  const { oid, author, committer, subject, lostAt, upstream } = row;
  return {
    time: isoTime(row.time),
    event: row.event,
    by: row.by,
    comment: row.comment,
    revisionId: row.revisionId,
    revision: row.revision,
    commit: oid === null ? null : { oid, author, committer, subject, lostAt: lostAt && isoTime(lostAt) },
    treeBefore: row.treeBefore,
    tree: row.tree,
    approvedBy: row.approvedBy,
    upstream: upstream && shownUpstream(upstream, row.upstreamRevisionId),
  };
}
