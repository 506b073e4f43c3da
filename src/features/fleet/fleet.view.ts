import type { Caller } from '../../access/caller.js';
import { isoTime } from '../../domain/iso-time.js';
import { shownUpstreamStatus } from '../package-revisions/upstream-status.view.js';
import type { FleetMatrix, FleetPage } from './fleet.schema.js';
import { type FleetGrouping, NO_ID } from './fleet.sql.js';
import type { FleetGroupRow, MatrixColumn, MatrixRow, MatrixUse } from './fleet.store.js';
import type { TargetPackagePage } from './target-package.schema.js';
import type { TargetPackageRow } from './target-package.store.js';

/** What `groupBy` says, as the schema lets it through. */
export function groupingOf(text: string): FleetGrouping {
  if (text.startsWith('label.')) return { by: 'label', key: text.slice('label.'.length) };
  return { by: text as 'target' | 'upstream' | 'repository' };
}

export function toFleetGroup({ none, key, id, ...counts }: FleetGroupRow): FleetPage['items'][number] {
  return { key: none === 1 ? null : key, id: id === NO_ID ? null : id, ...counts };
}

export const toMatrixColumn = ({ publishedAt, ...column }: MatrixColumn): FleetMatrix['columns'][number] => ({
  ...column,
  publishedAt: publishedAt && isoTime(publishedAt),
});

export function toMatrixRow({ name, id, packageCount, uses }: MatrixRow): FleetMatrix['items'][number] {
  return { target: name, targetId: id, packageCount, cells: cellsOf(uses) };
}

type Cell = FleetMatrix['items'][number]['cells'][number];

function cellsOf(uses: readonly MatrixUse[]): Cell[] {
  const cells = new Map<string | null, Cell>();
  for (const { revisionId, revision, behind, ...one } of uses) {
    const known = revisionId === null ? null : behind;
    const cell: Cell = cells.get(revisionId) ?? { revisionId, revision, behind: known, packages: [] };
    cell.packages.push(one);
    cells.set(revisionId, cell);
  }
  return [...cells.values()];
}

export function toTargetPackage(row: TargetPackageRow, caller: Caller): TargetPackagePage['items'][number] {
  const { id: packageId, repositoryId, repository, path, realm, package: name } = row;
  const { latestId, latestRevision: revision, publishedAt, publishedBy, changedAt, changedBy } = row;
  return {
    ...{ packageId, repositoryId, repository, path, realm, package: name },
    published:
      latestId === null
        ? null
        : {
            revisionId: latestId,
            revision,
            publishedAt: publishedAt && isoTime(publishedAt),
            publishedBy,
          },
    upstreamStatus: shownUpstreamStatus(row, caller),
    foldersBehind: row.foldersBehind,
    openDrafts: row.drafts,
    driftState: row.driftState,
    lastChange: changedAt && changedBy !== null ? { at: isoTime(changedAt), by: changedBy } : null,
    delivery: row.delivery && { ...row.delivery, observedAt: isoTime(new Date(row.delivery.observedAt)) },
    images: row.images,
  };
}
