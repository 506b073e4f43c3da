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
    // One that is gone has its history still.
    table: `(
      SELECT id, repository_id, path FROM package
      UNION ALL SELECT package_id, repository_id, path FROM deleted_revision
    ) packages`,
    repositoryId: 'repository_id',
    path: 'path',
  }),
];
