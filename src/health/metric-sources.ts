import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Database } from '../database/database.js';
import { Metrics, type MetricSources } from '../logging/metrics.js';
import { Doorbell } from '../queue/doorbell.js';

/** Answers the metrics' questions from the database and the queue. */
@Injectable()
export class StoredMetricSources implements MetricSources, OnModuleInit {
  constructor(
    private readonly database: Database,
    private readonly doorbell: Doorbell,
    private readonly metrics: Metrics,
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

  async oldestSyncSeconds(): Promise<number | null> {
    const { _min } = await this.database.client.repositoryPolling.aggregate({ _min: { lastSyncedAt: true } });
    return _min.lastSyncedAt && (Date.now() - _min.lastSyncedAt.getTime()) / 1000;
  }
}
