import { RoleBindingController } from './role-binding.controller.js';
import { RoleBindingService } from './role-binding.service.js';
import { RoleBindingStore } from './role-binding.store.js';

export const roleBindingControllers = [RoleBindingController];

export const roleBindingProviders = [RoleBindingStore, RoleBindingService];
