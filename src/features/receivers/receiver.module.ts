import { scopeOf } from '../../access/scope.store.js';
import { HookController } from './hook.controller.js';
import { HookService } from './hook.service.js';
import { HookStore } from './hook.store.js';
import { ReceiverController } from './receiver.controller.js';
import { ReceiverService } from './receiver.service.js';
import { ReceiverStore } from './receiver.store.js';
import { ReceivedReportStore } from './reports/received-report.store.js';
import { ToolReports } from './reports/tool-reports.service.js';

export const receiverControllers = [ReceiverController, HookController];

export const receiverProviders = [
  ReceiverStore,
  HookStore,
  ReceiverService,
  HookService,
  ReceivedReportStore,
  ToolReports,
  scopeOf({
    collection: 'receivers',
    noun: 'receiver',
    read: 'receivers.read',
    table: '(SELECT receiver_id AS id, repository_id FROM receiver_repository) own',
    repositoryId: 'repository_id',
  }),
];
