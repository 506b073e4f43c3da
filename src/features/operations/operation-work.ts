import { Injectable } from '@nestjs/common';
import type { Operation } from '../../database/generated/client.js';
import { isFinished } from '../../domain/operation.js';
import { AcceptedWork, ShownWork, type WorkEnd } from '../../http/accepted-work.js';
import { toOperationResponse } from './operation.view.js';
import { OperationWaits } from './operation-waits.js';
import { OperationWaiter } from './operation-waiter.js';

const CANCELLED = { code: 'cancelled', detail: 'The operation was cancelled.' };

/** Operations as the work that endpoints accept. */
@Injectable()
export class OperationWork extends AcceptedWork {
  constructor(
    private readonly waiter: OperationWaiter,
    private readonly waits: OperationWaits,
  ) {
    super();
  }

  async show(operation: Operation): Promise<ShownWork> {
    const [explained = operation] = await this.waits.explain([operation]);
    return new ShownWork(`/api/v1/operations/${operation.id}`, toOperationResponse(explained));
  }

  async follow(id: string, seconds: number): Promise<WorkEnd | null> {
    const operation = await this.waiter.wait(id, seconds);
    if (operation === null) return null;
    if (!isFinished(operation.state)) return { state: 'unfinished', shown: await this.show(operation) };
    if (operation.state !== 'succeeded') return { state: 'failed', fault: operation.error ?? CANCELLED };
    return { state: 'succeeded', resource: toOperationResponse(operation).result?.resource ?? null };
  }
}
