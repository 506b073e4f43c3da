import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import { type Operation, Prisma } from '../../database/generated/client.js';
import { kindsWhere } from '../../domain/operation.js';
import type { Lease } from '../lease.js';
import { OPERATION_COLUMNS } from '../operation.sql.js';
import type { AloneKind } from './alone-handler.js';

const ITEMS = Prisma.sql`SELECT 1 FROM operation_item i WHERE i.operation_id = o.id`;
const WAITS = Prisma.sql`EXISTS (${ITEMS} AND i.state = 'waiting')`;

/** An operation that an item of `o` has led to goes on. */
export const GOES_ON = Prisma.sql`EXISTS (
  SELECT 1 FROM operation_item i JOIN operation c ON c.id = i.started_id
  WHERE i.operation_id = o.id AND i.state = 'started' AND c.state IN ('queued', 'running'))`;

/** One has ended that an item of `o` has led to, and that has not been heard yet. */
const HAS_ENDED = Prisma.sql`EXISTS (
  SELECT 1 FROM operation_item i JOIN operation c ON c.id = i.started_id
  WHERE i.operation_id = o.id AND i.state = 'started' AND c.state IN ('succeeded', 'failed', 'cancelled'))`;

const STEADY = kindsWhere(({ goesOnWithEach }) => goesOnWithEach === true);

/** A worker has something to do: it waits, or an item of it does, or all that its items led to has ended; of some kinds, any of these. */
const IS_DUE = Prisma.sql`
  o.state IN ('queued', 'running') AND (o.cancel_requested OR
    CASE WHEN o.kind = ANY(${STEADY}::"OperationKind"[])
      THEN o.next_attempt_at IS NULL OR o.next_attempt_at <= now() OR ${HAS_ENDED}
      ELSE (o.next_attempt_at IS NULL OR o.next_attempt_at <= now()) AND (${WAITS} OR NOT ${GOES_ON}) END)`;

const due = (kinds: readonly AloneKind[]): Prisma.Sql => Prisma.sql`
  FROM operation o WHERE o.kind = ANY(${[...kinds]}::"OperationKind"[]) AND ${IS_DUE}
  AND NOT EXISTS (SELECT 1 FROM lease l WHERE l.scope_id = o.id AND l.expires_at > now())`;

/** The statements over operations that are a scope by themselves. */
@Injectable()
export class AloneStore {
  constructor(private readonly database: Database) {}

  /** Whether {@link due} gives any. */
  isDue(kinds: readonly AloneKind[]): Prisma.Sql {
    return Prisma.sql`EXISTS (SELECT 1 ${due(kinds)})`;
  }

  /** Operations of these kinds that no worker is at and that one has something to do for, the oldest first. */
  async due(kinds: readonly AloneKind[], limit: number): Promise<string[]> {
    const rows = await this.database.read<{ id: string }>(Prisma.sql`
      SELECT o.id ${due(kinds)} ORDER BY o.id LIMIT ${limit}`);
    return rows.map(({ id }) => id);
  }

  /** The kind of an operation that one has something to do for; null where there is nothing to do. */
  async dueKind(id: string): Promise<Operation['kind'] | null> {
    const [row] = await this.database.readByKey<Pick<Operation, 'kind'>>(
      Prisma.sql`SELECT o.kind::text AS kind FROM operation o WHERE o.id = ${id}::uuid AND ${IS_DUE}`,
    );
    return row?.kind ?? null;
  }

  /** Takes the operation while the lease holds; null where nothing is to be done for it. A look at its end is no attempt. */
  async claim(id: string, lease: Lease): Promise<Operation | null> {
    const [taken] = await this.database.client.$queryRaw<Operation[]>`
      UPDATE operation o SET state = 'running',
        attempts = attempts + CASE
          WHEN o.kind = ANY(${STEADY}::"OperationKind"[]) OR ${WAITS} OR NOT EXISTS (${ITEMS}) THEN 1 ELSE 0 END,
        next_attempt_at = NULL, waiting_for = NULL, started_at = coalesce(started_at, now())
      WHERE o.id = ${id}::uuid AND ${IS_DUE} AND ${lease.held} RETURNING ${OPERATION_COLUMNS}`;
    return taken ?? null;
  }
}
