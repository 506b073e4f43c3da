import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import { Prisma } from '../../database/generated/client.js';
import { partSql, rowsOf, sortOf } from '../../database/list.sql.js';
import type { Part, Rows } from '../../domain/list.js';
import type { OperationItemRow } from './operation-item-row.js';
import {
  ITEM_STATE,
  OPERATION_ITEM_SORTS,
  type OperationItemFilter,
  operationItemConditions,
} from './operation-item.filter.js';

/** Reads the items of operations. */
@Injectable()
export class OperationItemStore {
  constructor(private readonly database: Database) {}

  async list(operationId: string, filter: OperationItemFilter, part: Part): Promise<Rows<OperationItemRow>> {
    const conditions = [Prisma.sql`i.operation_id = ${operationId}::uuid`, ...operationItemConditions(filter)];
    const sort = sortOf(OPERATION_ITEM_SORTS, part.sort ?? 'position');
    const found = await this.database.read<OperationItemRow>(Prisma.sql`
      SELECT i.position, i.revision_id AS "revisionId", i.etag, COALESCE(c.error, i.error) AS error,
        i.started_id AS "startedId", i.draft_id AS "draftId", ${ITEM_STATE} AS status,
        -- A process of the version before, which knows no such column, writes NULL.
        COALESCE(i.warnings, ARRAY[]::text[]) AS warnings
      FROM operation_item i JOIN operation o ON o.id = i.operation_id LEFT JOIN operation c ON c.id = i.started_id
      ${partSql(sort, conditions, part)}`);
    return rowsOf(sort, found, part);
  }
}
