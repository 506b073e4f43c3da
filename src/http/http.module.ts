import { FinishedResources } from './finished-resources.js';
import { Foresight } from './foresight.js';
import { IdempotencyStore } from './idempotency.store.js';

/** `createApiApp` looks for these in the module it is given. */
export const httpProviders = [IdempotencyStore, FinishedResources, Foresight];
