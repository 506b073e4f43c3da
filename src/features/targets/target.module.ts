import { scopeOf } from '../../access/scope.store.js';
import { TargetController } from './target.controller.js';
import { TargetService } from './target.service.js';
import { targetSeenSql, targetSight } from './target.sql.js';
import { TargetStore } from './target.store.js';

export const targetControllers = [TargetController];

export const targetProviders = [
  TargetStore,
  TargetService,
  scopeOf({
    collection: 'targets',
    noun: 'target',
    read: 'targets.read',
    table: 'target',
    seen: (caller) => targetSeenSql(targetSight(caller)),
  }),
];
