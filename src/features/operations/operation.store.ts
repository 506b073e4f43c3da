import { Injectable } from '@nestjs/common';
import type { Visibility } from '../../access/grants.js';
import { visibleSql } from '../../access/visibility.sql.js';
import { Database } from '../../database/database.js';
import { type Operation, type PackageRevision, Prisma, type Repository } from '../../database/generated/client.js';
import { partSql, rowsOf, sortOf } from '../../database/list.sql.js';
import type { Part, Rows } from '../../domain/list.js';
import type { OperationState } from '../../domain/operation.js';
import { OPERATION_SORTS, type OperationFilter, operationConditions } from './operation.filter.js';
import { OPERATION_COLUMNS } from '../../jobs/operation.sql.js';
import { scopeOf } from '../../jobs/work-scope.js';

/** Why no worker has begun a scope's queued operations. */
export interface Hindrance {
  /** Until when workers leave its remote alone, while that is to come. */
  blockedUntil: Date | null;
  /** Whether a worker is at it. */
  leased: boolean;
}

/** The proposal to delete a revision, with the policy of its repository. */
export type ProposedDeletion = Pick<PackageRevision, 'name' | 'proposedBy' | 'proposedPolicy'> &
  Pick<Repository, 'deployment' | 'policy'>;

/** Operation rows as the API reads and steers them; the engine has its own queries. */
@Injectable()
export class OperationStore {
  constructor(private readonly database: Database) {}

  async find(id: string): Promise<Operation | null> {
    const [operation] = await this.database.readByKey<Operation>(
      Prisma.sql`SELECT ${OPERATION_COLUMNS} FROM operation o WHERE o.id = ${id}::uuid`,
    );
    return operation ?? null;
  }

  /** Locks the row until the transaction ends. */
  async lock(id: string): Promise<Operation | null> {
    await this.database.client.$queryRaw`SELECT id FROM operation WHERE id = ${id}::uuid FOR UPDATE`;
    return this.find(id);
  }

  /** Newest first unless asked for otherwise. */
  async list(filter: OperationFilter, visible: Visibility, part: Part): Promise<Rows<Operation>> {
    const conditions = operationConditions(filter);
    const visibility = visibleSql(visible, 'o');
    if (visibility) conditions.push(visibility);
    const sort = sortOf(OPERATION_SORTS, part.sort ?? '-createdAt');
    const found = await this.database.read<Operation>(
      Prisma.sql`SELECT ${OPERATION_COLUMNS} FROM operation o ${partSql(sort, conditions, part)}`,
    );
    return rowsOf(sort, found, part);
  }

  /** Whether the same kind of work on the same revision (or place, or repository) is under way again already. */
  async hasSuccessor({ id, kind, repositoryId, revisionId, path }: Operation): Promise<boolean> {
    const open: OperationState[] = ['queued', 'running'];
    const where = { id: { not: id }, kind, repositoryId, revisionId, path, state: { in: open } };
    return (await this.database.client.operation.findFirst({ where, select: { id: true } })) !== null;
  }

  /** Who proposed to delete a revision, and what that is judged by; null where it is gone. */
  async deletionOf(revisionId: string): Promise<ProposedDeletion | null> {
    const [found] = await this.database.readByKey<ProposedDeletion>(Prisma.sql`
      SELECT r.name, r.proposed_by AS "proposedBy", r.proposed_policy AS "proposedPolicy", p.deployment, p.policy
      FROM package_revision r JOIN repository p ON p.id = r.repository_id WHERE r.id = ${revisionId}::uuid`);
    return found ?? null;
  }

  async cancel(id: string, now: Date): Promise<Operation> {
    return this.database.client.operation.update({ where: { id }, data: { state: 'cancelled', finishedAt: now } });
  }

  async requestCancel(id: string): Promise<Operation> {
    return this.database.client.operation.update({ where: { id }, data: { cancelRequested: true } });
  }

  /**
   * Back to the start, as if it was asked for again, with another payload where one is given; but `progress` tells that the
   * remote may have its work already.
   */
  async requeue(id: string, payload?: object): Promise<Operation> {
    const operation = await this.database.client.operation.update({
      where: { id },
      data: {
        state: 'queued',
        ...(payload && { payload: { ...payload } }),
        error: Prisma.DbNull,
        waitingFor: null,
        nextAttemptAt: null,
        attempts: 0,
        cancelRequested: false,
        startedAt: null,
        finishedAt: null,
      },
    });
    // Whoever retries knows something that the back-off does not, such as a remote that was mended.
    const where = { repositoryId: scopeOf(operation) };
    await this.database.client.repositoryPolling.updateMany({ where, data: { blockedUntil: null } });
    return operation;
  }

  /** Returns the hindrances of these scopes, by the id of the scope. */
  async hindrances(scopeIds: readonly string[]): Promise<Map<string, Hindrance>> {
    if (scopeIds.length === 0) return new Map();
    const rows = await this.database.readByKey<{ scopeId: string } & Hindrance>(Prisma.sql`
      SELECT s.id AS "scopeId", p.blocked_until AS "blockedUntil", l.scope_id IS NOT NULL AS leased
      FROM unnest(${scopeIds}::uuid[]) AS s(id)
      LEFT JOIN repository_polling p ON p.repository_id = s.id AND p.blocked_until > now()
      LEFT JOIN lease l ON l.scope_id = s.id AND l.expires_at > now()`);
    return new Map(rows.map((row) => [row.scopeId, row]));
  }

  /** Those of `ids` that have ended, or are not there (any more). */
  async finishedAmong(ids: string[]): Promise<string[]> {
    const open = await this.database.readByKey<{ id: string }>(Prisma.sql`
      SELECT id FROM operation WHERE id = ANY(${ids}::uuid[]) AND state IN ('queued', 'running')`);
    const unfinished = new Set(open.map(({ id }) => id));
    return ids.filter((id) => !unfinished.has(id));
  }
}
