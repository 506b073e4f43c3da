import { PackageDeliveryController } from './package-delivery.controller.js';
import { PackageDeliveryService } from './package-delivery.service.js';
import { PackageDeliveryStore } from './package-delivery.store.js';

export const packageDeliveryControllers = [PackageDeliveryController];

export const packageDeliveryProviders = [PackageDeliveryStore, PackageDeliveryService];
