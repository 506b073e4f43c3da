import { ApiTokenController } from './api-token.controller.js';
import { ApiTokenService } from './api-token.service.js';
import { ApiTokenStore } from './api-token.store.js';

export const apiTokenControllers = [ApiTokenController];

export const apiTokenProviders = [ApiTokenStore, ApiTokenService];
