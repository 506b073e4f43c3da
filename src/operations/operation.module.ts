import { scopeOf } from '../access/scope.store.js';
import { OperationController } from './operation.controller.js';
import { OperationService } from './operation.service.js';
import { OperationStore } from './operation.store.js';
import { OperationWaits } from './operation-waits.js';
import { OperationWaiter } from './operation-waiter.js';
import { Outbox } from './outbox.js';
import { PollingOperationWaiter } from './polling-operation-waiter.js';

export const operationControllers = [OperationController];

/** The Operation resource and the outbox: in every process. */
export const operationProviders = [
  Outbox,
  OperationStore,
  OperationWaits,
  OperationService,
  { provide: OperationWaiter, useClass: PollingOperationWaiter },
  scopeOf({
    collection: 'operations',
    noun: 'operation',
    read: 'operations.read',
    table: 'operation',
    repositoryId: 'repository_id',
    path: 'path',
  }),
];
