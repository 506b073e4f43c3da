import { ImpactController } from './impact.controller.js';
import { ImpactService } from './impact.service.js';
import { ImpactStore } from './impact.store.js';

export const packageImpactControllers = [ImpactController];

export const packageImpactProviders = [ImpactStore, ImpactService];
