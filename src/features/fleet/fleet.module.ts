import { FleetController } from './fleet.controller.js';
import { FleetService } from './fleet.service.js';
import { FleetStore } from './fleet.store.js';
import { TargetPackageStore } from './target-package.store.js';

export const fleetControllers = [FleetController];

export const fleetProviders = [FleetStore, TargetPackageStore, FleetService];
