import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { type Operation, Prisma } from '../database/generated/client.js';
import type { OperationKind, OperationState } from './operation.js';

export interface OperationFilter {
  repositoryId?: string | undefined;
  repository?: string | undefined;
  revisionId?: string | undefined;
  kind?: OperationKind[] | undefined;
  state?: OperationState[] | undefined;
}

/** Operation rows as the API reads and steers them; the engine has its own queries. */
@Injectable()
export class OperationStore {
  constructor(private readonly database: Database) {}

  async find(id: string): Promise<Operation | null> {
    return this.database.client.operation.findUnique({ where: { id } });
  }

  /** Locks the row until the transaction ends. */
  async lock(id: string): Promise<Operation | null> {
    await this.database.client.$queryRaw`SELECT id FROM operation WHERE id = ${id}::uuid FOR UPDATE`;
    return this.find(id);
  }

  /** A page, newest first, beginning behind the id `after`. */
  async list(filter: OperationFilter, after: string | undefined, limit: number): Promise<Operation[]> {
    const where: Prisma.OperationWhereInput = {
      repositoryId: filter.repositoryId,
      revisionId: filter.revisionId,
      kind: filter.kind && { in: filter.kind },
      state: filter.state && { in: filter.state },
      id: after === undefined ? undefined : { lt: after },
    };
    if (filter.repository !== undefined) {
      const named = await this.database.client.repository.findUnique({
        where: { name: filter.repository },
        select: { id: true },
      });
      if (!named) return [];
      where.AND = { repositoryId: named.id };
    }
    return this.database.client.operation.findMany({ where, orderBy: { id: 'desc' }, take: limit });
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
    const open = await this.database.client.operation.findMany({
      where: { id: { in: ids }, state: { in: ['queued', 'running'] } },
      select: { id: true },
    });
    const unfinished = new Set(open.map(({ id }) => id));
    return ids.filter((id) => !unfinished.has(id));
  }

  async ring(action: () => Promise<void>): Promise<void> {
    await this.database.afterCommit(action);
  }
}
