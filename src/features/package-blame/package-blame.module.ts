import { PackageBlameController } from './package-blame.controller.js';
import { PackageBlameService } from './package-blame.service.js';
import { PackageBlameStore } from './package-blame.store.js';

export const packageBlameControllers = [PackageBlameController];

/** Need `packageDiffProviders` beside them, which find the definitions of kinds. */
export const packageBlameProviders = [PackageBlameStore, PackageBlameService];
