import { FinishedResources } from './finished-resources.js';
import { IdempotencyStore } from './idempotency.store.js';

/** What `createApiApp` looks for in the module it is given. */
export const httpProviders = [IdempotencyStore, FinishedResources];
