import { Injectable } from '@nestjs/common';
import type { Operation } from '../../database/generated/client.js';
import type { OperationGroup, OperationHandler, Outcome } from '../engine/group.js';
import type { OperationKind } from '../../domain/operation.js';
import { DeleteHandler } from './delete.handler.js';
import { DiscardHandler } from './discard.handler.js';
import { PublishHandler } from './publish.handler.js';
import { PushHandler } from './push.handler.js';

/** One handler for each kind; a kind without one does not compile. */
@Injectable()
export class HandlerRegistry {
  private readonly handlers: Record<OperationKind, OperationHandler>;

  constructor(push: PushHandler, discard: DiscardHandler, publish: PublishHandler, remove: DeleteHandler) {
    // A visit begins with a sync, so that by now this operation's work is done.
    const sync: OperationHandler = {
      apply: async ({ repositoryId }) => ({ result: { resource: { type: 'Repository', id: repositoryId } } }),
    };
    this.handlers = { sync, push, discard, publish, delete: remove };
  }

  apply(operation: Operation, group: OperationGroup): Promise<Outcome | 'cancelled'> {
    return this.handlers[operation.kind].apply(operation, group);
  }
}
