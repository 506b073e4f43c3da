import { Injectable } from '@nestjs/common';
import type { Visibility } from '../../access/grants.js';
import { noteChange } from '../../audit/noted-change.js';
import type { Operation } from '../../database/generated/client.js';
import { DomainError } from '../../domain/errors.js';
import { found } from '../../domain/found.js';
import { etagOf } from '../../domain/etag.js';
import { Outbox } from '../../jobs/outbox.js';
import { scopeOf } from '../../jobs/work-scope.js';
import { canCancel, isFinished } from '../../domain/operation.js';
import { toOperationResponse } from './operation.view.js';
import type { Part, Rows } from '../../domain/list.js';
import type { OperationFilter } from './operation.filter.js';
import { OperationStore } from './operation.store.js';
import { OperationWaits } from './operation-waits.js';
import { OperationWaiter } from './operation-waiter.js';

/** Reading and steering operations; the engine does the work. */
@Injectable()
export class OperationService {
  constructor(
    private readonly store: OperationStore,
    private readonly waiter: OperationWaiter,
    private readonly waits: OperationWaits,
    private readonly outbox: Outbox,
  ) {}

  async list(filter: OperationFilter, visible: Visibility, part: Part): Promise<Rows<Operation>> {
    const { rows, next } = await this.store.list(filter, visible, part);
    return { rows: await this.waits.explain(rows), next };
  }

  /** The operation, after waiting up to `seconds` for its end. */
  async get(id: string, seconds = 0): Promise<Operation> {
    return this.explained(found(await this.waiter.wait(id, seconds), 'operation', id));
  }

  /** Ends one that waits; asks a running one to stop at its next safe point. */
  async cancel(id: string): Promise<Operation> {
    const operation = await this.lock(id);
    if (isFinished(operation.state)) throw conflict(operation, `it has ${operation.state} already`);
    if (!canCancel(operation.kind)) {
      throw conflict(operation, 'it carries an accepted change to the remote; change the revision instead');
    }
    if (operation.state === 'queued') return this.store.cancel(id, new Date());
    const asked = await this.store.requestCancel(id);
    await this.outbox.ring(scopeOf(operation));
    return asked;
  }

  async retry(id: string): Promise<Operation> {
    const operation = await this.lock(id);
    if (operation.state !== 'failed') throw conflict(operation, `only a failed one is; it is ${operation.state}`);
    if (await this.store.hasSuccessor(operation)) {
      throw new DomainError('operationInProgress', `Another ${operation.kind} operation does the same already.`);
    }
    const again = await this.store.requeue(id);
    await this.outbox.ring(scopeOf(operation));
    return this.explained(again);
  }

  private async lock(id: string): Promise<Operation> {
    const operation = found(await this.store.lock(id), 'operation', id);
    const before = etagOf(toOperationResponse(operation));
    noteChange(id, { before, repositoryId: operation.repositoryId, path: operation.path });
    return operation;
  }

  private async explained(operation: Operation): Promise<Operation> {
    return (await this.waits.explain([operation]))[0] ?? operation;
  }
}

const conflict = ({ state, kind }: Operation, why: string) =>
  new DomainError('stateConflict', `This ${kind} operation cannot be changed so: ${why}.`, { state, kind });
