export interface ReplicaFacts {
  states: readonly { server: string; serves: boolean; lagSeconds: number | null }[];
  /** How often, since the start, a replica has answered, or the primary in place of one. */
  reads: Readonly<Record<'replica' | 'primary', number>>;
}

/** What is only known by asking, at the moment the metrics are read. */
export interface MetricSources {
  operations(): Promise<{ kind: string; state: string; count: number }[]>;
  queueDepth(): Promise<{ waiting: number; active: number }>;
  /** Of operations that have not ended: the seconds since the oldest was asked for, by kind. */
  oldestOperations(): Promise<{ kind: string; seconds: number }[]>;
  /** Repositories by their condition `Ready`. */
  repositories(): Promise<{ ready: string; reason: string; count: number }[]>;
  /** Proposals, and the seconds since the oldest of them changed last. */
  proposals(): Promise<{ lifecycle: string; count: number; seconds: number }[]>;
  /** Seconds since each receiver was last called, or since it was made. */
  receivers(): Promise<{ receiver: string; name: string; seconds: number }[]>;
  /** Seconds since the last sync of each of those repositories that wait the longest, or since their registration; at most fifty. */
  longestUnsynced(): Promise<{ repository: string; seconds: number }[]>;
  /** Of this process to PostgreSQL: at work, without work, and how many callers wait for one. */
  connections(): Promise<{ busy: number; idle: number; waiting: number }>;
  /** Those that this process reads from. */
  replicas(): ReplicaFacts | undefined;
  /** Deliveries to webhooks. */
  deliveries(): Promise<{ state: string; count: number }[]>;
  drift(): Promise<{ kind: string; count: number }[]>;
  /** Seconds since the last sync of the repository that waits the longest, or since its registration; null: there is none. */
  oldestSyncSeconds(): Promise<number | null>;
  overdueSyncSeconds(): Promise<number>;
  checks(): Promise<{ check: string; isUp: boolean }[]>;
}
