import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { MetricSources } from './metric-sources.js';
import { addReplicaMetrics } from './replica-metrics.js';

/** Milliseconds for which metrics wait for what has to be asked. */
const PATIENCE_MS = 1_000;

async function inTime(reading: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('late')), PATIENCE_MS);
  });
  await Promise.race([reading, late]).finally(() => clearTimeout(timer));
}

/** All metrics of this process, in Prometheus' terms. */
export class Metrics {
  private readonly registry = new Registry();
  private sources?: MetricSources;

  private readonly httpSeconds = new Histogram({
    name: 'pkgserver_http_request_duration_seconds',
    help: 'Time to answer HTTP requests.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 30],
    registers: [this.registry],
  });
  private readonly operationsEnded = new Counter({
    name: 'pkgserver_operations_total',
    help: 'Operations that ended in this process.',
    labelNames: ['kind', 'state'],
    registers: [this.registry],
  });
  private readonly revisionChanges = new Counter({
    name: 'pkgserver_revision_changes_total',
    help: 'Changes of package revisions that this process has stored, by kind.',
    labelNames: ['kind'],
    registers: [this.registry],
  });
  private readonly syncs = new Counter({
    name: 'pkgserver_syncs_total',
    help: 'How often this process has read remotes: for a poll, a receiver or a request.',
    labelNames: ['cause'],
    registers: [this.registry],
  });
  private readonly eventStreams = new Gauge({
    name: 'pkgserver_event_streams',
    help: 'Streams of events that are open in this process.',
    registers: [this.registry],
  });
  private readonly eventLag = new Histogram({
    name: 'pkgserver_event_lag_seconds',
    help: 'Time from a change until its event reaches those in this process who follow events.',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers: [this.registry],
  });
  private readonly removedRows = new Counter({
    name: 'pkgserver_retention_removed_total',
    help: 'Rows that the retention has removed in this process, by what they were.',
    labelNames: ['what'],
    registers: [this.registry],
  });
  private readonly unexpectedErrors = new Counter({
    name: 'pkgserver_unexpected_errors_total',
    help: 'What this process has logged at the level error, by the part that met it.',
    labelNames: ['part'],
    registers: [this.registry],
  });
  private readonly gitSeconds = new Histogram({
    name: 'pkgserver_git_duration_seconds',
    help: 'Time of operations on Git remotes.',
    labelNames: ['operation', 'outcome'],
    buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
    addReplicaMetrics(this.registry, () => this.sources?.replicas());
    this.addGauge('pkgserver_operations', 'Operations stored, by kind and state.', ['kind', 'state'], async (gauge) => {
      for (const { kind, state, count } of (await this.sources?.operations()) ?? []) gauge.set({ kind, state }, count);
    });
    this.addGauge(
      'pkgserver_queue_depth',
      'Repositories (and the instance) rung for, by state.',
      ['state'],
      async (gauge) => {
        const depth = await this.sources?.queueDepth();
        if (!depth) return;
        gauge.set({ state: 'waiting' }, depth.waiting);
        gauge.set({ state: 'active' }, depth.active);
      },
    );
    this.addGauge(
      'pkgserver_oldest_operation_seconds',
      'Since when the oldest operation that has not ended waits, by kind.',
      ['kind'],
      async (gauge) => {
        for (const { kind, seconds } of (await this.sources?.oldestOperations()) ?? []) gauge.set({ kind }, seconds);
      },
    );
    this.addGauge(
      'pkgserver_repositories',
      'Repositories, by status and reason of their condition Ready.',
      ['ready', 'reason'],
      async (gauge) => {
        for (const { count, ...labels } of (await this.sources?.repositories()) ?? []) gauge.set(labels, count);
      },
    );
    this.addGauge('pkgserver_proposals', 'Proposals that wait for a decision.', ['lifecycle'], async (gauge) => {
      for (const { lifecycle, count } of (await this.sources?.proposals()) ?? []) gauge.set({ lifecycle }, count);
    });
    this.addGauge(
      'pkgserver_oldest_proposal_seconds',
      'Since when the proposal that waits the longest has not changed.',
      ['lifecycle'],
      async (gauge) => {
        for (const { lifecycle, seconds } of (await this.sources?.proposals()) ?? []) gauge.set({ lifecycle }, seconds);
      },
    );
    this.addGauge(
      'pkgserver_receiver_last_call_seconds',
      'Since when a receiver was not called, by its id and name; of one never called, since it was made.',
      ['receiver', 'name'],
      async (gauge) => {
        for (const { seconds, ...labels } of (await this.sources?.receivers()) ?? []) gauge.set(labels, seconds);
      },
    );
    this.addGauge('pkgserver_webhook_deliveries', 'Deliveries to webhooks that are kept.', ['state'], async (gauge) => {
      for (const { state, count } of (await this.sources?.deliveries()) ?? []) gauge.set({ state }, count);
    });
    this.addGauge('pkgserver_drift', 'Open drift.', ['kind'], async (gauge) => {
      for (const { kind, count } of (await this.sources?.drift()) ?? []) gauge.set({ kind }, count);
    });
    this.addGauge('pkgserver_oldest_sync_seconds', 'Age of the oldest last sync.', [], async (gauge) => {
      const age = await this.sources?.oldestSyncSeconds();
      if (typeof age === 'number') gauge.set(age);
    });
    this.addGauge('pkgserver_check', 'What /health/ready looks at: 1 up, 0 down.', ['check'], async (gauge) => {
      for (const { check, isUp } of (await this.sources?.checks()) ?? []) gauge.set({ check }, isUp ? 1 : 0);
    });
    this.addGauge('pkgserver_sync_overdue_seconds', 'How long the poll waits that is due first.', [], async (gauge) => {
      if (this.sources) gauge.set(await this.sources.overdueSyncSeconds());
    });
    this.addGauge(
      'pkgserver_repository_sync_age_seconds',
      'Since when repositories were not read, of the fifty that wait the longest; of one never read, since it was registered.',
      ['repository'],
      async (gauge) => {
        for (const { repository, seconds } of (await this.sources?.longestUnsynced()) ?? [])
          gauge.set({ repository }, seconds);
      },
    );
    this.addGauge(
      'pkgserver_database_connections',
      'Connections of the pool of this process that are busy or idle, and callers that wait for one.',
      ['state'],
      async (gauge) => {
        const connections = await this.sources?.connections();
        for (const [state, count] of Object.entries(connections ?? {})) gauge.set({ state }, count);
      },
    );
  }

  /** Without sources the gauges are empty. */
  readFrom(sources: MetricSources): void {
    this.sources = sources;
  }

  requestAnswered(method: string, route: string, status: number, seconds: number): void {
    this.httpSeconds.observe({ method, route, status }, seconds);
  }

  operationEnded(kind: string, state: string): void {
    this.operationsEnded.inc({ kind, state });
  }

  revisionChanged(kind: string): void {
    this.revisionChanges.inc({ kind });
  }

  synced(cause: 'poll' | 'receiver' | 'request'): void {
    this.syncs.inc({ cause });
  }

  eventStreamsOpen(count: number): void {
    this.eventStreams.set(count);
  }

  eventReached(seconds: number): void {
    this.eventLag.observe(seconds);
  }

  rowsRemoved(what: string, count: number): void {
    this.removedRows.inc({ what }, count);
  }

  /** `outcome` is `ok` or the code of what went wrong. */
  gitOperationEnded(operation: string, seconds: number, outcome: string): void {
    this.gitSeconds.observe({ operation, outcome }, seconds);
  }

  errorLogged(part: string): void {
    this.unexpectedErrors.inc({ part });
  }

  get mediaType(): string {
    return this.registry.contentType;
  }

  render(): Promise<string> {
    return this.registry.metrics();
  }

  private addGauge(name: string, help: string, labelNames: string[], read: (gauge: Gauge) => Promise<void>): void {
    new Gauge({
      name,
      help,
      labelNames,
      registers: [this.registry],
      async collect() {
        this.reset();
        // A gauge that cannot be read now is left out; the others are worth having then.
        await inTime(read(this)).catch(() => this.reset());
      },
    });
  }
}
