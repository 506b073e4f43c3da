import { scopeOf } from '../../access/scope.store.js';
import { RoleBindingController } from './role-binding.controller.js';
import { RoleBindingService } from './role-binding.service.js';
import { RoleBindingStore } from './role-binding.store.js';

export const roleBindingControllers = [RoleBindingController];

export const roleBindingProviders = [
  RoleBindingStore,
  RoleBindingService,
  scopeOf({
    collection: 'role-bindings',
    noun: 'role binding',
    read: 'roleBindings.read',
    table: 'role_binding',
    repositoryId: 'repository_id',
  }),
];
