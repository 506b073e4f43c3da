import { HealthController } from './health.controller.js';
import { HealthService } from './health.service.js';
import { MachineFaultStore } from './machine-fault.store.js';
import { StoredMetricSources } from './metric-sources.js';
import { MetricsController } from './metrics.controller.js';

export const healthControllers = [HealthController, MetricsController];

export const healthProviders = [HealthService, MachineFaultStore, StoredMetricSources];
