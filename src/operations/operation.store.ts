import { Injectable } from '@nestjs/common';
import type { Visibility } from '../access/grants.js';
import { visibleSql } from '../access/visibility.sql.js';
import { Database } from '../database/database.js';
import { type Operation, Prisma } from '../database/generated/client.js';
import { partSql, rowsOf, type Sort } from '../database/list.sql.js';
import type { Part, Rows } from '../domain/list.js';
import type { OperationState } from '../domain/operation.js';
import { type OperationFilter, operationConditions } from './operation.filter.js';
import { OPERATION_COLUMNS } from './operation.sql.js';

/** Newest first: ids are in the order of time. */
const NEWEST_FIRST: Sort<Operation> = [{ key: 'id', column: Prisma.sql`o.id`, type: 'id', order: 'descending' }];

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

  async list(filter: OperationFilter, visible: Visibility, part: Part): Promise<Rows<Operation>> {
    const conditions = operationConditions(filter);
    const visibility = visibleSql(visible, 'o');
    if (visibility) conditions.push(visibility);
    const found = await this.database.read<Operation>(
      Prisma.sql`SELECT ${OPERATION_COLUMNS} FROM operation o ${partSql(NEWEST_FIRST, conditions, part)}`,
    );
    return rowsOf(NEWEST_FIRST, found, part);
  }

  /** Whether the same kind of work on the same revision (or repository) is under way again already. */
  async hasSuccessor({ id, kind, repositoryId, revisionId }: Operation): Promise<boolean> {
    const open: OperationState[] = ['queued', 'running'];
    const where = { id: { not: id }, kind, repositoryId, revisionId, state: { in: open } };
    return (await this.database.client.operation.findFirst({ where, select: { id: true } })) !== null;
  }

  async cancel(id: string, now: Date): Promise<Operation> {
    return this.database.client.operation.update({ where: { id }, data: { state: 'cancelled', finishedAt: now } });
  }

  async requestCancel(id: string): Promise<Operation> {
    return this.database.client.operation.update({ where: { id }, data: { cancelRequested: true } });
  }

  /** Back to the start, as if it was asked for again; but `progress` tells that the remote may have its work already. */
  async requeue(id: string): Promise<Operation> {
    const operation = await this.database.client.operation.update({
      where: { id },
      data: {
        state: 'queued',
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
    await this.database.client.repositoryPolling.updateMany({
      where: { repositoryId: operation.repositoryId },
      data: { blockedUntil: null },
    });
    return operation;
  }

  /** Ends everything that waits for a repository, and asks what runs on it to stop. */
  async cancelAll(repositoryId: string, now: Date): Promise<void> {
    await this.database.client.operation.updateMany({
      where: { repositoryId, state: 'queued' },
      data: { state: 'cancelled', finishedAt: now },
    });
    await this.database.client.operation.updateMany({
      where: { repositoryId, state: 'running' },
      data: { cancelRequested: true },
    });
  }

  /** Those of `ids` that have ended, or are not there (any more). */
  async finishedAmong(ids: string[]): Promise<string[]> {
    const open = await this.database.readByKey<{ id: string }>(Prisma.sql`
      SELECT id FROM operation WHERE id = ANY(${ids}::uuid[]) AND state IN ('queued', 'running')`);
    const unfinished = new Set(open.map(({ id }) => id));
    return ids.filter((id) => !unfinished.has(id));
  }

  async ring(action: () => void): Promise<void> {
    await this.database.afterCommit(action);
  }
}
