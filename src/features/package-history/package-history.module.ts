import { PackageHistoryController } from './package-history.controller.js';
import { PackageHistoryService } from './package-history.service.js';
import { PackageHistoryStore } from './package-history.store.js';

export const packageHistoryControllers = [PackageHistoryController];

/** Need `packageProviders` beside them, which say to whom a package shows. */
export const packageHistoryProviders = [PackageHistoryStore, PackageHistoryService];
