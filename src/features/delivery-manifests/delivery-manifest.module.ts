import { DeliveryManifestController } from './delivery-manifest.controller.js';
import { DeliveryManifestService } from './delivery-manifest.service.js';
import { DeliveryManifestStore } from './delivery-manifest.store.js';

export const deliveryManifestControllers = [DeliveryManifestController];

export const deliveryManifestProviders = [DeliveryManifestStore, DeliveryManifestService];
