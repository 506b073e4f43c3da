import type { Caller } from '../../access/caller.js';
import { isoTime } from '../../domain/iso-time.js';
import { csvContent } from '../../http/csv.js';
import type { RawContent } from '../../http/reply.js';
import { shownUpstreamStatus } from '../package-revisions/upstream-status.view.js';
import type { FleetGroupRow, MatrixColumn, MatrixRow } from './fleet.store.js';
import type { TargetPackageRow } from './target-package.store.js';

const COUNTS = ['packages', 'published', 'behind', 'drifted', 'unhealthy', 'openDrafts'] as const;

/** One line a group. */
export function groupsCsv(groups: readonly FleetGroupRow[]): RawContent {
  const lines = groups.map((group) => [
    group.none === 1 ? '' : group.key,
    ...COUNTS.map((name) => group[name]),
    group.upstreamRevisions.map((use) => `${use.repository}/${use.path}/${use.revision}=${use.packages}`).join(' '),
  ]);
  return csvContent(['key', ...COUNTS, 'upstreamRevisions'], lines);
}

/** One line a target, and a column for each revision with the paths of the packages; the last has what is of none of these. */
export function matrixCsv(columns: readonly MatrixColumn[], rows: readonly MatrixRow[]): RawContent {
  const known = new Set(columns.map(({ revisionId }) => revisionId));
  const lines = rows.map(({ name, uses }) => {
    const pathsOf = (revisionId: string | null) =>
      uses
        .filter((use) => (revisionId === null ? !known.has(use.revisionId ?? '') : use.revisionId === revisionId))
        .map(({ path, folder }) => (folder === '' ? path : `${path}/${folder}`))
        .join(' ');
    return [name, ...columns.map(({ revisionId }) => pathsOf(revisionId)), pathsOf(null)];
  });
  return csvContent(['target', ...columns.map(({ revision }) => revision), 'other'], lines);
}

const PACKAGE_HEADER = [
  ...['repository', 'path', 'package', 'revision', 'publishedAt', 'publishedBy', 'upstream', 'behind', 'current'],
  ...['newest', 'foldersBehind', 'openDrafts', 'driftState', 'changedAt', 'changedBy'],
  ...['deliveredRevision', 'deliveryState', 'health', 'images'],
];

/** One line a package. */
export function packagesCsv(rows: readonly TargetPackageRow[], caller: Caller): RawContent {
  const lines = rows.map((row) => {
    const { state, behind, current, newest } = shownUpstreamStatus(row, caller);
    return [
      ...[row.repository, row.path, row.package, row.latestRevision, row.publishedAt && isoTime(row.publishedAt)],
      ...[row.publishedBy, state, behind, current?.revision, newest?.revision, row.foldersBehind, row.drafts.length],
      ...[row.driftState, row.changedAt && isoTime(row.changedAt), row.changedBy],
      ...[row.delivery?.revision, row.delivery?.state, row.delivery?.health, row.images.join(' ')],
    ];
  });
  return csvContent(PACKAGE_HEADER, lines);
}
