import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { EmbeddedPostgres } from '../../src/database/embedded-postgres.js';
import { type PkgserverProcess, startProcess } from './process.js';
import type { TestRedis } from './redis.js';
import { TcpProxy } from './tcp-proxy.js';

/** The API, or one of the workers. */
export type Part = 'api' | `worker-${number}`;

const SETTINGS = {
  CREDENTIALS_KEY: Buffer.alloc(32, 7).toString('base64'),
  SWEEP_INTERVAL_MS: '100',
  SYNC_INTERVAL_SECONDS: '3600',
};

/** An API and workers, PostgreSQL, and Redis where the queue is there: all of it can end at any time, and comes back. */
export class FallibleService {
  readonly api: TcpProxy;
  private readonly processes = new Map<Part, PkgserverProcess>();

  private constructor(
    private readonly folder: string,
    private readonly proxies: { api: TcpProxy; postgres: TcpProxy },
    private postgres: EmbeddedPostgres,
    private readonly redis: TestRedis | null,
    private readonly settings: Record<string, string>,
  ) {
    this.api = proxies.api;
  }

  /** `redis` stays its caller's; `settings` go before those that all tests have. */
  static async start(
    redis: TestRedis | null,
    { workers = 1, settings = {} }: { workers?: number; settings?: Record<string, string> } = {},
  ): Promise<FallibleService> {
    const folder = await mkdtemp(join(tmpdir(), 'pkgserver-fallible-'));
    await chmod(folder, 0o755);
    const postgres = await EmbeddedPostgres.start(folder);
    const proxies = { api: await TcpProxy.start(), postgres: await TcpProxy.start(postgres.url) };
    const service = new FallibleService(folder, proxies, postgres, redis, settings);
    // The first one migrates.
    await service.launch('api');
    for (let at = 0; at < workers; at += 1) await service.launch(`worker-${at}`);
    return service;
  }

  get url(): string {
    return `http://127.0.0.1:${this.api.port}`;
  }

  /** kill -9. */
  async kill(part: Part): Promise<void> {
    await this.processes.get(part)?.kill();
  }

  async launch(part: Part): Promise<void> {
    const process = await startProcess({
      ...{ ROLE: part === 'api' ? 'api' : 'worker', DATA_DIR: join(this.folder, part) },
      DATABASE_URL: this.proxies.postgres.through(this.postgres.url),
      REDIS_URL: this.redis?.url ?? '',
      ...{ ...SETTINGS, ...this.settings },
    });
    this.processes.set(part, process);
    if (part === 'api') this.api.pointTo(process.url);
  }

  async restartPostgres(meanwhile: () => Promise<void>): Promise<void> {
    await this.postgres.stop();
    await meanwhile();
    this.postgres = await EmbeddedPostgres.start(this.folder);
    this.proxies.postgres.pointTo(this.postgres.url);
  }

  /** What comes of Redis is lost where it has not been written yet. */
  async restartRedis(): Promise<void> {
    await this.redis?.kill();
    await sleep(500);
    await this.redis?.resume();
  }

  async rows<Row extends pg.QueryResultRow>(statement: string): Promise<Row[]> {
    const client = new pg.Client(this.postgres.url);
    await client.connect();
    try {
      return (await client.query<Row>(statement)).rows;
    } finally {
      await client.end();
    }
  }

  async stop(): Promise<void> {
    await Promise.all([...this.processes.values()].map((process) => process.kill()));
    await Promise.all(Object.values(this.proxies).map((proxy) => proxy.stop()));
    await this.postgres.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}
