import { OperationController } from './operation.controller.js';
import { OperationService } from './operation.service.js';
import { OperationStore } from './operation.store.js';
import { OperationWaiter } from './operation-waiter.js';
import { PollingOperationWaiter } from './polling-operation-waiter.js';

export const operationControllers = [OperationController];

export const operationProviders = [
  OperationStore,
  OperationService,
  { provide: OperationWaiter, useClass: PollingOperationWaiter },
];
