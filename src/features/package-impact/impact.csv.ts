import type { Caller } from '../../access/caller.js';
import { csvContent } from '../../http/csv.js';
import type { RawContent } from '../../http/reply.js';
import { shownUpstreamStatus } from '../package-revisions/upstream-status.view.js';
import type { ImpactRow } from './impact.store.js';

const HEADER = [
  'depth',
  'repository',
  'path',
  'target',
  'package',
  'revision',
  'state',
  'behind',
  'current',
  'newest',
  'openDrafts',
  'foldersBehind',
];

/** One line a package. */
export function toCsvContent(rows: readonly ImpactRow[], caller: Caller): RawContent {
  const lines = rows.map((row) => {
    const { state, behind, current, newest } = shownUpstreamStatus(row, caller);
    return [
      ...[row.depth, row.repository, row.path, row.target, row.package, row.latestRevision],
      ...[state, behind, current?.revision, newest?.revision, row.drafts.length, row.foldersBehind],
    ];
  });
  return csvContent(HEADER, lines);
}
