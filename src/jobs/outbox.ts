import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { type Operation, Prisma } from '../database/generated/client.js';
import { selectFields } from '../database/columns.js';
import { insertRows } from '../database/insert-rows.js';
import { type EndedOperation, OperationEvents, TOLD_OF_OPERATION } from '../events/operation-events.js';
import { uuidv7 } from '../domain/uuid.js';
import { currentContext } from '../logging/request-context.js';
import { currentTrace } from '../tracing/traceparent.js';
import { Doorbell } from '../queue/doorbell.js';
import { factsOf, type NewOperation, type OperationKind } from '../domain/operation.js';
import { OPERATION_COLUMNS } from './operation.sql.js';
import { bellOf, onRepository } from './work-scope.js';

/** Where accepted changes leave the work they cause. Always called inside the transaction of the change itself. */
@Injectable()
export class Outbox {
  constructor(
    private readonly database: Database,
    private readonly doorbell: Doorbell,
    private readonly events: OperationEvents,
  ) {}

  /** Writes the operation's row, or finds one that waits and does the same; the doorbell rings when the transaction commits. */
  async start<Kind extends OperationKind>(request: NewOperation<Kind>): Promise<Operation> {
    const operation = (await this.findWaiting(request)) ?? (await this.insert(request));
    await this.ring(bellOf(operation));
    return operation;
  }

  /** Has a worker look at the scope once the transaction has committed. */
  async ring(bell: string): Promise<void> {
    await this.database.afterCommit(() => this.doorbell.ring(bell));
  }

  /** Ends everything that waits for a repository, and asks what runs on it to stop. */
  async cancelAll(repositoryId: string): Promise<void> {
    const ended = await this.database.client.operation.updateManyAndReturn({
      where: { repositoryId, state: 'queued' },
      data: { state: 'cancelled', finishedAt: new Date() },
      select: TOLD_OF_OPERATION,
    });
    await this.events.finished(ended);
    await this.database.client.operation.updateMany({
      where: { repositoryId, state: 'running' },
      data: { cancelRequested: true },
    });
  }

  /**
   * Takes work back as far as it can be: ends those of these that wait, and asks what runs to stop while it still can. One
   * that a worker takes at this very moment goes on.
   */
  async withdraw(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    const free = Prisma.sql`SELECT w.id FROM operation w
      WHERE w.id = ANY(${[...ids]}::uuid[]) AND w.state IN ('queued', 'running') FOR UPDATE SKIP LOCKED`;
    const taken = await this.database.client.$queryRaw<EndedOperation[]>`
      UPDATE operation o SET cancel_requested = o.state = 'running',
        finished_at = CASE WHEN o.state = 'queued' THEN now() END,
        state = CASE WHEN o.state = 'queued' THEN 'cancelled'::"OperationState" ELSE o.state END
      WHERE o.id IN (${free}) RETURNING ${selectFields(Object.keys(TOLD_OF_OPERATION), 'o')}`;
    await this.events.finished(taken.filter(({ state }) => state === 'cancelled'));
    for (const operation of taken) if (operation.state === 'running') await this.ring(bellOf(operation));
  }

  /**
   * An operation of a kind that folds, on the same thing, that no worker is at: it reads the rows when it runs, so that it
   * does the work of this request as well. Not one that somebody has asked to cancel, because this request is not
   * cancelled with it. The lock keeps a worker from taking it before the change around this call has committed.
   */
  private async findWaiting(request: NewOperation): Promise<Operation | null> {
    if (factsOf(request.kind).folds === 'never') return null;
    const [found] = await this.database.readByKey<Operation>(Prisma.sql`
      SELECT ${OPERATION_COLUMNS} FROM operation o
      WHERE ${onRepository(request.repositoryId)} AND o.kind = ${request.kind}::"OperationKind"
      AND o.revision_id IS NOT DISTINCT FROM ${request.revisionId ?? null}::uuid
      AND (o.state = 'queued' OR o.state = 'running' AND o.next_attempt_at > now()) AND NOT o.cancel_requested
      ORDER BY o.id LIMIT 1 FOR UPDATE`);
    return found ?? null;
  }

  private async insert(request: NewOperation): Promise<Operation> {
    const { kind, repositoryId, revisionId = null, path = null, target, payload, requestedBy } = request;
    const operation: Operation = {
      id: uuidv7(),
      kind,
      state: 'queued',
      repositoryId,
      revisionId,
      path,
      target: { ...target },
      // What a request says is JSON.
      payload: { ...payload } as Prisma.JsonObject,
      progress: null,
      waitingFor: null,
      attempts: 0,
      nextAttemptAt: null,
      cancelRequested: false,
      result: null,
      error: null,
      requestedBy,
      requestId: currentContext().requestId ?? null,
      traceparent: null,
      tracestate: null,
      ...currentTrace(),
      createdAt: new Date(),
      startedAt: null,
      finishedAt: null,
    };
    await insertRows(this.database, 'operation', [operation]);
    return operation;
  }
}
