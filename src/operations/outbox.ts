import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import type { Operation } from '../database/generated/client.js';
import { uuidv7 } from '../domain/uuid.js';
import { currentContext } from '../logging/request-context.js';
import { Doorbell } from '../queue/doorbell.js';
import type { NewOperation, OperationKind } from './operation.js';

/** Where accepted changes leave the work they cause. Always called inside the transaction of the change itself. */
@Injectable()
export class Outbox {
  constructor(
    private readonly database: Database,
    private readonly doorbell: Doorbell,
  ) {}

  /** Writes the operation's row; the doorbell rings when the transaction commits. A waiting push or sync is reused. */
  async start<Kind extends OperationKind>(request: NewOperation<Kind>): Promise<Operation> {
    const waiting = await this.findWaiting(request);
    const operation =
      waiting ??
      (await this.database.client.operation.create({
        data: {
          id: uuidv7(),
          kind: request.kind,
          state: 'queued',
          repositoryId: request.repositoryId,
          revisionId: request.revisionId ?? null,
          path: request.path ?? null,
          target: { ...request.target },
          payload: { ...request.payload },
          requestedBy: request.requestedBy,
          requestId: currentContext().requestId ?? null,
          createdAt: new Date(),
        },
      }));
    await this.ring(request.repositoryId);
    return operation;
  }

  /**
   * Has a worker look at the repository once the transaction has committed. Nobody waits for the bell: the row is
   * stored, and the sweeper rings again for it.
   */
  async ring(repositoryId: string): Promise<void> {
    await this.database.afterCommit(() => void this.doorbell.ring(repositoryId));
  }

  /**
   * A push or sync that no worker is at will do for this request as well: both read the rows when they run. The lock
   * keeps a worker from taking it before the change around this call has committed.
   */
  private async findWaiting(request: NewOperation): Promise<Operation | null> {
    if (request.kind !== 'push' && request.kind !== 'sync') return null;
    const [found] = await this.database.client.$queryRaw<{ id: string }[]>`
      SELECT id FROM operation
      WHERE repository_id = ${request.repositoryId}::uuid AND kind = ${request.kind}::"OperationKind"
      AND revision_id IS NOT DISTINCT FROM ${request.revisionId ?? null}::uuid
      AND (state = 'queued' OR state = 'running' AND next_attempt_at > now())
      ORDER BY id LIMIT 1 FOR UPDATE`;
    return found ? this.database.client.operation.findUnique({ where: { id: found.id } }) : null;
  }
}
