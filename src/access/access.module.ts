import { AccessStore } from './access.store.js';
import { Authenticator } from './authenticator.js';
import { AccessGuard } from './guard.js';
import { StandingRights } from './standing-rights.js';
import { ScopeStore } from './scope.store.js';

export const accessProviders = [AccessStore, Authenticator, ScopeStore, AccessGuard, StandingRights];
