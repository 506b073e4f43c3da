import { scopeOf } from '../../access/scope.store.js';
import { AcceptedWork } from '../../http/accepted-work.js';
import { OperationItemController } from './operation-item.controller.js';
import { OperationItemService } from './operation-item.service.js';
import { OperationItemStore } from './operation-item.store.js';
import { OperationController } from './operation.controller.js';
import { OperationService } from './operation.service.js';
import { OperationStore } from './operation.store.js';
import { OperationWaits } from './operation-waits.js';
import { OperationWaiter } from './operation-waiter.js';
import { OperationWork } from './operation-work.js';
import { PollingOperationWaiter } from './polling-operation-waiter.js';

export const operationControllers = [OperationController, OperationItemController];

/** In every process: each answers requests, and may wait for operations. */
export const operationProviders = [
  OperationStore,
  OperationWaits,
  OperationService,
  OperationItemStore,
  OperationItemService,
  { provide: OperationWaiter, useClass: PollingOperationWaiter },
  { provide: AcceptedWork, useClass: OperationWork },
  scopeOf({
    collection: 'operations',
    noun: 'operation',
    read: 'operations.read',
    // One on many revisions is seen by whoever may see all that its caller could; of a campaign, all that is in it.
    table: `(
      SELECT id, repository_id, path FROM operation WHERE kind NOT IN ('bulk', 'campaign', 'campaignPlan')
      UNION ALL SELECT DISTINCT operation_id, repository_id, path FROM operation_item WHERE repository_id IS NOT NULL
      UNION ALL SELECT DISTINCT c.operation_id, i.repository_id, i.path
        FROM campaign c JOIN campaign_item i ON i.campaign_id = c.id
      UNION ALL SELECT DISTINCT c.plan_operation_id, i.repository_id, i.path
        FROM campaign c JOIN campaign_item i ON i.campaign_id = c.id
    ) own`,
    repositoryId: 'repository_id',
    path: 'path',
  }),
];
