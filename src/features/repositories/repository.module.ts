import { scopeOf } from '../../access/scope.store.js';
import { RepositoryController } from './repository.controller.js';
import { RepositoryLocations } from './repository-location.js';
import { RepositoryService } from './repository.service.js';
import { RepositoryStore } from './repository.store.js';

export const repositoryControllers = [RepositoryController];

export const repositoryProviders = [
  RepositoryStore,
  RepositoryLocations,
  RepositoryService,
  scopeOf({
    collection: 'repositories',
    noun: 'repository',
    read: 'repositories.read',
    table: 'repository',
    repositoryId: 'id',
  }),
];
