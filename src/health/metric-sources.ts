import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Database } from '../database/database.js';
import type { MetricSources, ReplicaFacts } from '../logging/metric-sources.js';
import { Metrics } from '../logging/metrics.js';
import { Doorbell } from '../queue/doorbell.js';
import { HealthService } from './health.service.js';

/** Metrics are not kept waiting for long by what does not answer. */
const CHECK_MS = 700;

/** Answers the metrics' questions from the database and the queue. */
@Injectable()
export class StoredMetricSources implements MetricSources, OnModuleInit {
  constructor(
    private readonly database: Database,
    private readonly doorbell: Doorbell,
    private readonly metrics: Metrics,
    private readonly health: HealthService,
  ) {}

  onModuleInit(): void {
    this.metrics.readFrom(this);
  }

  async operations(): Promise<{ kind: string; state: string; count: number }[]> {
    const groups = await this.database.client.operation.groupBy({ by: ['kind', 'state'], _count: true });
    return groups.map(({ kind, state, _count }) => ({ kind, state, count: _count }));
  }

  queueDepth(): Promise<{ waiting: number; active: number }> {
    return this.doorbell.depth();
  }

  async oldestOperations(): Promise<{ kind: string; seconds: number }[]> {
    return this.database.client.$queryRaw`
      SELECT kind::text, extract(epoch FROM now() - min(created_at))::float8 AS seconds
      FROM operation WHERE state IN ('queued', 'running') GROUP BY kind`;
  }

  async repositories(): Promise<{ ready: string; reason: string; count: number }[]> {
    return this.database.client.$queryRaw`
      SELECT coalesce(c.ready ->> 'status', 'Unknown') AS ready, coalesce(c.ready ->> 'reason', '') AS reason, count(*)::int
      FROM repository r LEFT JOIN LATERAL (
        SELECT ready FROM jsonb_array_elements(r.conditions) AS ready WHERE ready ->> 'type' = 'Ready'
      ) c ON true GROUP BY 1, 2`;
  }

  async proposals(): Promise<{ lifecycle: string; count: number; seconds: number }[]> {
    return this.database.client.$queryRaw`
      SELECT lifecycle::text, count(*)::int, extract(epoch FROM now() - min(updated_at))::float8 AS seconds
      FROM package_revision WHERE lifecycle IN ('proposed', 'deletionProposed') GROUP BY lifecycle`;
  }

  async receivers(): Promise<{ receiver: string; name: string; seconds: number }[]> {
    return this.database.client.$queryRaw`
      SELECT id::text AS receiver, name, extract(epoch FROM now() - coalesce(last_received_at, created_at))::float8 AS seconds
      FROM receiver`;
  }

  async longestUnsynced(): Promise<{ repository: string; seconds: number }[]> {
    return this.database.client.$queryRaw`
      SELECT r.name AS repository, extract(epoch FROM now() - coalesce(p.last_synced_at, r.created_at))::float8 AS seconds
      FROM repository r JOIN repository_polling p ON p.repository_id = r.id
      ORDER BY coalesce(p.last_synced_at, r.created_at), r.id LIMIT 50`;
  }

  async connections(): Promise<{ busy: number; idle: number; waiting: number }> {
    return this.database.connections;
  }

  replicas(): ReplicaFacts | undefined {
    const { areUsed, states, reads } = this.database.replicas;
    return areUsed ? { states, reads } : undefined;
  }

  async deliveries(): Promise<{ state: string; count: number }[]> {
    return this.database.client.$queryRaw`
      SELECT state::text, count(*)::int FROM webhook_delivery GROUP BY state`;
  }

  async drift(): Promise<{ kind: string; count: number }[]> {
    return this.database.client.$queryRaw`
      SELECT kind::text, count(*)::int FROM drift WHERE state <> 'resolved' AND state = 'open' GROUP BY kind`;
  }

  async oldestSyncSeconds(): Promise<number | null> {
    const [row] = await this.database.client.$queryRaw<{ seconds: number | null }[]>`
      SELECT extract(epoch FROM now() - min(coalesce(p.last_synced_at, r.created_at)))::float8 AS seconds
      FROM repository r JOIN repository_polling p ON p.repository_id = r.id`;
    return row?.seconds ?? null;
  }

  async checks(): Promise<{ check: string; isUp: boolean }[]> {
    const checks = await this.health.checks(CHECK_MS);
    return Object.entries(checks).map(([check, { status }]) => ({ check, isUp: status === 'up' }));
  }

  async overdueSyncSeconds(): Promise<number> {
    const [row] = await this.database.client.$queryRaw<{ seconds: number | null }[]>`
      SELECT extract(epoch FROM now() - min(greatest(next_sync_at, blocked_until)))::float8 AS seconds
      FROM repository_polling WHERE next_sync_at <= now()`;
    return Math.max(0, row?.seconds ?? 0);
  }
}
