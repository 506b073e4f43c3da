import { Injectable } from '@nestjs/common';
import { toColumns } from '../../../database/columns.js';
import { Database } from '../../../database/database.js';
import { type OperationItem, Prisma } from '../../../database/generated/client.js';
import { insertRows } from '../../../database/insert-rows.js';
import type { BulkParameters } from '../../../domain/bulk.js';
import type { OperationItemState } from '../../../domain/operation.js';
import { GOES_ON } from '../../../jobs/alone/alone.store.js';

export interface BulkItemRow extends Pick<
  OperationItem,
  | 'position'
  | 'revisionId'
  | 'repositoryId'
  | 'path'
  | 'ifMatch'
  | 'state'
  | 'etag'
  | 'error'
  | 'startedId'
  | 'draftId'
  | 'warnings'
> {
  parameters: BulkParameters | null;
}

export type Place = Pick<OperationItem, 'revisionId' | 'repositoryId' | 'path'>;

/** The statements over bulk operations and their items. */
@Injectable()
export class BulkStore {
  constructor(private readonly database: Database) {}

  /** Where the revisions of these ids are; none of ids that there are not. */
  async placesOf(ids: readonly string[]): Promise<Map<string, Place>> {
    const rows = await this.database.readByKey<Place>(Prisma.sql`
      SELECT id AS "revisionId", repository_id AS "repositoryId", path FROM package_revision
      WHERE id = ANY(${[...ids]}::uuid[])`);
    return new Map(rows.map((row) => [row.revisionId, row]));
  }

  async insert(operationId: string, items: readonly BulkItemRow[]): Promise<void> {
    await insertRows(
      this.database,
      'operation_item',
      items.map((item) => ({ operationId, ...item })),
    );
  }

  /** The next items that are not begun, and that no other transaction is at. */
  async waiting(operationId: string, limit: number): Promise<BulkItemRow[]> {
    return this.database.readByKey<BulkItemRow>(Prisma.sql`
      SELECT position, revision_id AS "revisionId", repository_id AS "repositoryId", path, if_match AS "ifMatch", parameters,
        state::text AS state, etag, error, started_id AS "startedId", draft_id AS "draftId", COALESCE(warnings, ARRAY[]::text[]) AS warnings
      FROM operation_item WHERE operation_id = ${operationId}::uuid AND state = 'waiting' ORDER BY position LIMIT ${limit}
      FOR UPDATE SKIP LOCKED`);
  }

  async record(operationId: string, items: readonly BulkItemRow[]): Promise<void> {
    await this.database.write(Prisma.sql`
      UPDATE operation_item i SET state = j.state, etag = j.etag, error = j.error, started_id = j.started_id,
        draft_id = j.draft_id, warnings = j.warnings
      FROM json_populate_recordset(NULL::operation_item, ${JSON.stringify(items.map(toColumns))}::json) j
      WHERE i.operation_id = ${operationId}::uuid AND i.position = j.position`);
  }

  /** How many items stand where. */
  async counts(operationId: string): Promise<Partial<Record<OperationItemState, number>>> {
    const rows = await this.database.readByKey<{ state: OperationItemState; count: number }>(Prisma.sql`
      SELECT state::text AS state, count(*)::int AS count FROM operation_item WHERE operation_id = ${operationId}::uuid GROUP BY state`);
    return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
  }

  /** Whether an operation that an item has led to goes on; then the reason is noted why this one does. */
  async awaitStarted(id: string, waitingFor: string): Promise<boolean> {
    return (
      (await this.database.write(Prisma.sql`
        UPDATE operation o SET waiting_for = ${waitingFor} WHERE o.id = ${id}::uuid AND ${GOES_ON}`)) > 0
    );
  }

  /** Writes down how the operations have ended that items have led to: from then on they may be forgotten. */
  async settle(operationId: string): Promise<void> {
    await this.database.write(Prisma.sql`
      UPDATE operation_item i SET state = c.state::text::"OperationItemState", error = c.error FROM operation c
      WHERE i.operation_id = ${operationId}::uuid AND i.state = 'started' AND c.id = i.started_id
      AND c.state IN ('succeeded', 'failed', 'cancelled')`);
  }
}
