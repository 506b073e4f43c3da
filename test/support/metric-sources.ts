import type { MetricSources } from '../../src/logging/metric-sources.js';

/** One of each that metrics are read from. */
export const METRIC_SOURCES: MetricSources = {
  operations: async () => [{ kind: 'sync', state: 'queued', count: 3 }],
  queueDepth: async () => ({ waiting: 2, active: 1 }),
  oldestOperations: async () => [{ kind: 'push', seconds: 90 }],
  repositories: async () => [{ ready: 'False', reason: 'Unreachable', count: 1 }],
  proposals: async () => [{ lifecycle: 'proposed', count: 4, seconds: 3600 }],
  receivers: async () => [{ receiver: 'r-1', name: 'gitea', seconds: 5 }],
  deliveries: async () => [{ state: 'waiting', count: 3 }],
  drift: async () => [{ kind: 'tagMoved', count: 2 }],
  longestUnsynced: async () => [{ repository: 'blueprints', seconds: 12 }],
  connections: async () => ({ busy: 1, idle: 2, waiting: 0 }),
  replicas: () => ({
    states: [{ server: 'replica:5432/pkgserver', serves: true, lagSeconds: 0.5 }],
    reads: { replica: 7, primary: 2 },
  }),
  oldestSyncSeconds: async () => 12,
  overdueSyncSeconds: async () => 3,
  checks: async () => [{ check: 'queue', isUp: false }],
};
