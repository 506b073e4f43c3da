import { Injectable } from '@nestjs/common';
import { selectFields } from '../database/columns.js';
import { Database } from '../database/database.js';
import { Prisma } from '../database/generated/client.js';
import { factsOf } from '../domain/operation.js';
import { type EndedOperation, OperationEvents, TOLD_OF_OPERATION } from '../events/operation-events.js';
import { Doorbell } from '../queue/doorbell.js';
import { operationBell } from './work-scope.js';

/** How operations end, or wait for another attempt. The end of one that others wait for is rung for. */
@Injectable()
export class JobStore {
  constructor(
    private readonly database: Database,
    private readonly events: OperationEvents,
    private readonly doorbell: Doorbell,
  ) {}

  /** Ends operations well; gives those that had not ended before. */
  async succeedAll(operations: readonly { id: string; result: Record<string, unknown> }[]): Promise<Set<string>> {
    if (operations.length === 0) return new Set();
    const ended = await this.database.client.$queryRaw<EndedOperation[]>`
      UPDATE operation o SET state = 'succeeded', result = r.result::jsonb, waiting_for = NULL, next_attempt_at = NULL,
        finished_at = now(),
        progress = CASE WHEN o.progress IS NOT NULL THEN jsonb_build_object(
          'done', coalesce(o.progress ->> 'total', o.progress ->> 'done')::int,
          'total', coalesce(o.progress ->> 'total', o.progress ->> 'done')::int) END
      FROM unnest(${operations.map(({ id }) => id)}::uuid[],
        ${operations.map(({ result }) => JSON.stringify(result))}::text[]) AS r(id, result)
      WHERE o.id = r.id AND o.state = 'running' RETURNING ${selectFields(Object.keys(TOLD_OF_OPERATION), 'o')}`;
    await this.told(ended);
    return new Set(ended.map(({ id }) => id));
  }

  async fail(id: string, error: Record<string, unknown>): Promise<void> {
    await this.finish(id, { state: 'failed', error: error });
  }

  async cancel(id: string): Promise<void> {
    await this.finish(id, { state: 'cancelled' });
  }

  /** The operation stays `running`, says why, and is tried again in so many seconds. */
  async retryLater(id: string, reason: string, seconds: number): Promise<void> {
    await this.database.client.$executeRaw`
      UPDATE operation SET waiting_for = ${reason}, next_attempt_at = now() + make_interval(secs => ${seconds})
      WHERE id = ${id}::uuid AND state = 'running'`;
  }

  private async finish(id: string, data: { state: 'failed' | 'cancelled'; error?: object }): Promise<void> {
    await this.database.transaction(async () => {
      const ended = await this.database.client.operation.updateManyAndReturn({
        where: { id, state: 'running' },
        data: { ...data, waitingFor: null, nextAttemptAt: null, finishedAt: new Date() },
        select: TOLD_OF_OPERATION,
      });
      await this.told(ended);
    });
  }

  private async told(ended: readonly EndedOperation[]): Promise<void> {
    await this.events.finished(ended);
    // Only these kinds are begun by operations that wait for their end.
    const awaited = ended.filter(({ kind }) => factsOf(kind).blocksEdits !== null).map(({ id }) => id);
    if (awaited.length === 0) return;
    const waiting = await this.database.readByKey<{ id: string }>(Prisma.sql`
      SELECT DISTINCT i.operation_id AS id FROM operation_item i WHERE i.started_id = ANY(${awaited}::uuid[])`);
    await this.database.afterCommit(() => {
      for (const { id } of waiting) this.doorbell.ring(operationBell(id));
    });
  }
}
