import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import { type Operation, Prisma } from '../../database/generated/client.js';
import { kindsIn } from '../../domain/operation.js';
import type { Lease } from '../lease.js';
import { IS_LEFT, OPERATION_COLUMNS } from '../operation.sql.js';
import { INSTANCE_SCOPE } from '../work-scope.js';
import type { InstanceKind, InstanceProgress } from './instance-handler.js';

/** An operation that a later version knows is nobody's here. */
const OF_INSTANCE = Prisma.sql`o.repository_id IS NULL AND o.kind = ANY(${kindsIn('instance')}::"OperationKind"[])`;
const IS_DUE = Prisma.sql`(o.state = 'queued' OR ${IS_LEFT})`;

/** A kind of which an operation is asked for so often. */
export interface Periodic {
  kind: InstanceKind;
  everySeconds: number;
}

/**
 * Whether the last operation of the kind was asked for so long ago. An instance that had none yet counts from its very
 * first operation: before that there is nothing to work on.
 */
const isTimeFor = ({ kind, everySeconds }: Periodic): Prisma.Sql => Prisma.sql`coalesce(
  coalesce(
    (SELECT max(created_at) FROM operation WHERE kind = ${kind}::"OperationKind"),
    (SELECT created_at FROM operation ORDER BY id LIMIT 1)
  ) <= now() - make_interval(secs => ${everySeconds}::float8), false)`;

/** The statements over instance-wide operations. */
@Injectable()
export class InstanceStore {
  constructor(private readonly database: Database) {}

  /** Whether no worker is at the instance, and an operation is due or it is time for one of these kinds. */
  isDue(periodic: readonly Periodic[]): Prisma.Sql {
    const due = [
      Prisma.sql`EXISTS (SELECT 1 FROM operation o WHERE ${OF_INSTANCE} AND o.state IN ('queued', 'running') AND ${IS_DUE})`,
    ];
    return Prisma.sql`NOT EXISTS (SELECT 1 FROM lease WHERE scope_id = ${INSTANCE_SCOPE}::uuid AND expires_at > now())
      AND (${Prisma.join([...due, ...periodic.map(isTimeFor)], ' OR ')})`;
  }

  async holds(condition: Prisma.Sql): Promise<boolean> {
    const [row] = await this.database.read<{ holds: boolean }>(Prisma.sql`SELECT ${condition} AS holds`);
    return row?.holds ?? false;
  }

  async isTimeFor(periodic: Periodic): Promise<boolean> {
    return this.holds(isTimeFor(periodic));
  }

  /** Takes the oldest operation that is due, while the lease holds. */
  async claim(lease: Lease): Promise<Operation | null> {
    const [taken] = await this.database.client.$queryRaw<Operation[]>`
      UPDATE operation o SET state = 'running', attempts = attempts + 1, next_attempt_at = NULL, waiting_for = NULL,
        started_at = coalesce(started_at, now())
      WHERE o.id = (
        SELECT o.id FROM operation o
        WHERE ${OF_INSTANCE} AND o.state IN ('queued', 'running') AND ${IS_DUE} AND ${lease.held}
        ORDER BY o.id LIMIT 1
      ) AND o.state IN ('queued', 'running')
      RETURNING ${OPERATION_COLUMNS}`;
    return taken ?? null;
  }

  async isCancelled(id: string): Promise<boolean> {
    const row = await this.database.client.operation.findUnique({ where: { id }, select: { cancelRequested: true } });
    return row?.cancelRequested ?? true;
  }

  async saveProgress(id: string, { done, total = null, message }: InstanceProgress): Promise<void> {
    await this.database.client.$executeRaw`
      UPDATE operation SET progress = jsonb_build_object('done', ${done}::int, 'total', ${total}::int, 'message', ${message}::text)
      WHERE id = ${id}::uuid AND state = 'running'`;
  }
}
