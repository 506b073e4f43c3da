import { scopeOf } from '../../access/scope.store.js';
import { PackageController } from './package.controller.js';
import { PackageService } from './package.service.js';

export const packageControllers = [PackageController];

export const packageProviders = [
  PackageService,
  scopeOf({
    collection: 'packages',
    noun: 'package',
    read: 'packages.read',
    table: 'package',
    repositoryId: 'repository_id',
    path: 'path',
  }),
];
