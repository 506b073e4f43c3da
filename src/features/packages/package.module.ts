import { PackageController } from './package.controller.js';
import { PackageService } from './package.service.js';
import { PackageStore } from '../../revisions/package.store.js';

export const packageControllers = [PackageController];

/** Need `packageRevisionProviders` beside them. */
export const packageProviders = [PackageStore, PackageService];
