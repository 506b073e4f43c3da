import { scopeOf } from '../../access/scope.store.js';
import { AcceptedWork } from '../../http/accepted-work.js';
import { OperationController } from './operation.controller.js';
import { OperationService } from './operation.service.js';
import { OperationStore } from './operation.store.js';
import { OperationWaits } from './operation-waits.js';
import { OperationWaiter } from './operation-waiter.js';
import { OperationWork } from './operation-work.js';
import { PollingOperationWaiter } from './polling-operation-waiter.js';

export const operationControllers = [OperationController];

/** In every process: each answers requests, and may wait for operations. */
export const operationProviders = [
  OperationStore,
  OperationWaits,
  OperationService,
  { provide: OperationWaiter, useClass: PollingOperationWaiter },
  { provide: AcceptedWork, useClass: OperationWork },
  scopeOf({
    collection: 'operations',
    noun: 'operation',
    read: 'operations.read',
    table: 'operation',
    repositoryId: 'repository_id',
    path: 'path',
  }),
];
