import { scopeOf } from '../../access/scope.store.js';
import { DriftController } from './drift.controller.js';
import { DriftListStore } from './drift-list.store.js';
import { DriftService } from './drift.service.js';

export const driftControllers = [DriftController];

/** Need `packageRevisionProviders` beside them, which begin the drafts. */
export const driftProviders = [
  DriftListStore,
  DriftService,
  scopeOf({
    collection: 'drift',
    noun: 'drift',
    read: 'packages.read',
    table: 'drift',
    repositoryId: 'repository_id',
    path: 'path',
  }),
];
