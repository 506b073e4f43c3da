import { Injectable } from '@nestjs/common';
import { toColumns } from '../../../database/columns.js';
import { Database } from '../../../database/database.js';
import { type Operation, type OperationItem, Prisma } from '../../../database/generated/client.js';
import { insertRows } from '../../../database/insert-rows.js';
import type { BulkParameters } from '../../../domain/bulk.js';
import type { OperationItemState } from '../../../domain/operation.js';
import type { Lease } from '../../../jobs/lease.js';
import { OPERATION_COLUMNS } from '../../../jobs/operation.sql.js';

export interface BulkItemRow extends Pick<
  OperationItem,
  'position' | 'revisionId' | 'repositoryId' | 'path' | 'ifMatch' | 'state' | 'etag' | 'error' | 'startedId' | 'draftId'
> {
  parameters: BulkParameters | null;
}

export type Place = Pick<OperationItem, 'revisionId' | 'repositoryId' | 'path'>;

const WAITS = Prisma.sql`EXISTS (SELECT 1 FROM operation_item i WHERE i.operation_id = o.id AND i.state = 'waiting')`;

/** An operation that an item of `o` has led to goes on. */
const GOES_ON = Prisma.sql`EXISTS (
  SELECT 1 FROM operation_item i JOIN operation c ON c.id = i.started_id
  WHERE i.operation_id = o.id AND i.state = 'started' AND c.state IN ('queued', 'running'))`;

/** A worker has something to do: to judge items, or to note that all that they led to has ended. */
const IS_DUE = Prisma.sql`
  o.kind = 'bulk' AND o.state IN ('queued', 'running') AND (o.cancel_requested OR
    (o.next_attempt_at IS NULL OR o.next_attempt_at <= now()) AND (${WAITS} OR NOT ${GOES_ON}))`;

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

  /** Operations that no worker is at and that one has something to do for, the oldest first. */
  async due(limit: number): Promise<string[]> {
    const rows = await this.database.read<{ id: string }>(Prisma.sql`
      SELECT o.id FROM operation o WHERE ${IS_DUE}
      AND NOT EXISTS (SELECT 1 FROM lease l WHERE l.scope_id = o.id AND l.expires_at > now())
      ORDER BY o.id LIMIT ${limit}`);
    return rows.map(({ id }) => id);
  }

  async isDue(id: string): Promise<boolean> {
    const rows = await this.database.readByKey(
      Prisma.sql`SELECT 1 AS one FROM operation o WHERE o.id = ${id}::uuid AND ${IS_DUE}`,
    );
    return rows.length > 0;
  }

  /** Takes the operation while the lease holds; null where nothing is to be done for it. A look at its end is no attempt. */
  async claim(id: string, lease: Lease): Promise<Operation | null> {
    const [taken] = await this.database.client.$queryRaw<Operation[]>`
      UPDATE operation o SET state = 'running', attempts = attempts + CASE WHEN ${WAITS} THEN 1 ELSE 0 END,
        next_attempt_at = NULL, waiting_for = NULL, started_at = coalesce(started_at, now())
      WHERE o.id = ${id}::uuid AND ${IS_DUE} AND ${lease.held} RETURNING ${OPERATION_COLUMNS}`;
    return taken ?? null;
  }

  /** The next items that are not begun, and that no other transaction is at. */
  async waiting(operationId: string, limit: number): Promise<BulkItemRow[]> {
    return this.database.readByKey<BulkItemRow>(Prisma.sql`
      SELECT position, revision_id AS "revisionId", repository_id AS "repositoryId", path, if_match AS "ifMatch", parameters,
        state::text AS state, etag, error, started_id AS "startedId", draft_id AS "draftId"
      FROM operation_item WHERE operation_id = ${operationId}::uuid AND state = 'waiting' ORDER BY position LIMIT ${limit}
      FOR UPDATE SKIP LOCKED`);
  }

  async record(operationId: string, items: readonly BulkItemRow[]): Promise<void> {
    await this.database.write(Prisma.sql`
      UPDATE operation_item i SET state = j.state, etag = j.etag, error = j.error, started_id = j.started_id,
        draft_id = j.draft_id
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
