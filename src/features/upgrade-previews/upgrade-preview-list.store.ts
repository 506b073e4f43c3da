import { Injectable } from '@nestjs/common';
import type { Visibility } from '../../access/grants.js';
import { visibleSql } from '../../access/visibility.sql.js';
import { selectFields } from '../../database/columns.js';
import { Database } from '../../database/database.js';
import { Prisma } from '../../database/generated/client.js';
import { partSql, rowsOf, sortOf } from '../../database/list.sql.js';
import type { Part, Rows } from '../../domain/list.js';
import { UPGRADE_PREVIEW_MS } from '../../domain/retention.js';
import { PREVIEW_SORTS, type PreviewFilter, previewConditions } from './upgrade-preview.filter.js';
import type { PreviewRow } from './upgrade-preview.store.js';

const FIELDS = [
  ...([
    'id',
    'revisionId',
    'repositoryId',
    'path',
    'subpackage',
    'from',
    'to',
    'summary',
    'createdAt',
    'createdBy',
  ] as const),
  ...(['appliedTo', 'version'] as const),
];

/** A preview without what the merge gives. */
export interface ListedPreview extends Pick<PreviewRow, (typeof FIELDS)[number]> {
  repository: string;
  strategy: PreviewRow['options']['strategy'];
}

/** Where a side of the merge is, as columns of `alias`; null where nobody knows. */
const place = (side: 'from' | 'to', alias: string): Prisma.Sql =>
  Prisma.raw(`CROSS JOIN LATERAL (SELECT (u."${side}" #>> '{place,repositoryId}')::uuid AS repository_id,
    u."${side}" #>> '{place,path}' AS path) ${alias}`);

/** The list of previews. Who may not read what is upstream on either side does not see one, as when it is read by its id. */
@Injectable()
export class UpgradePreviewListStore {
  constructor(private readonly database: Database) {}

  /** Newest first unless asked for otherwise. */
  async list(filter: PreviewFilter, visible: Visibility, part: Part): Promise<Rows<ListedPreview>> {
    const sort = sortOf(PREVIEW_SORTS, part.sort ?? '-createdAt');
    const sides = ['f', 't'].flatMap((side) => {
      const seen = visibleSql(visible, side);
      return seen ? [Prisma.sql`(${Prisma.raw(side)}.repository_id IS NULL OR ${seen})`] : [];
    });
    const conditions = [
      Prisma.sql`u.created_at > ${new Date(Date.now() - UPGRADE_PREVIEW_MS)}`,
      ...[...previewConditions(filter), ...[visibleSql(visible, 'u') ?? []].flat(), ...sides],
    ];
    const found = await this.database.read<ListedPreview>(Prisma.sql`
      SELECT ${selectFields(FIELDS, 'u')}, u.options ->> 'strategy' AS strategy,
        (SELECT r.name FROM repository r WHERE r.id = u.repository_id) AS repository
      FROM upgrade_preview u ${place('from', 'f')} ${place('to', 't')} ${partSql(sort, conditions, part)}`);
    return rowsOf(sort, found, part);
  }
}
