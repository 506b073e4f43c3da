import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { signIn } from '../support/sign-in.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { GitServer } from '../support/git-server.js';
import { type PkgserverProcess, startProcess } from '../support/process.js';
import { TestRedis } from '../support/redis.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import type { Door } from './client.js';
import { OwnPostgres } from './own-postgres.js';
import { leftBehind } from './process-facts.js';
import { ProcessLog } from './process-log.js';
import { RARELY, SETTINGS } from './settings.js';

export type ProcessName = `api-${number}` | `worker-${number}`;

/** Where the queue is. */
export type QueueBackend = 'postgres' | 'redis';

export interface ClusterPlan {
  queue: QueueBackend;
  names: readonly ProcessName[];
  /** True: the cluster starts a PostgreSQL of its own, which faults may restart. */
  ownPostgres?: boolean;
  /** True: the cluster starts a Redis, also where the queue is on PostgreSQL. */
  redis?: boolean;
  /** Go before those that every process has. */
  settings?: Record<string, string>;
}

/** The proxies through which the processes of the cluster connect; `redis` only where the cluster has one. */
interface Proxies {
  api: TcpProxy;
  git: TcpProxy;
  postgres: TcpProxy;
  redis?: TcpProxy;
}

interface Member {
  process: PkgserverProcess;
  log: ProcessLog;
}

/** API processes and workers on one database and one Git server, every connection between them through a proxy. */
export class Cluster {
  kills = 0;
  freezes = 0;
  failedStarts = 0;
  readonly #members = new Map<ProcessName, Member>();
  readonly #faults: string[] = [];
  readonly #starting = new Map<ProcessName, Promise<void>>();
  readonly #tokens = new Map<string, Promise<string>>();
  #queue: QueueBackend;

  private constructor(
    private readonly plan: ClusterPlan,
    readonly git: GitServer,
    readonly test: TestDatabase,
    readonly redis: TestRedis | null,
    readonly proxies: Proxies,
    readonly folder: string,
    /** A second pkgserver with an index of its own, without any fault between it and the remotes. */
    readonly fresh: { process: PkgserverProcess; test: TestDatabase; door: Door },
  ) {
    this.#queue = plan.queue;
  }

  static async start(plan: ClusterPlan): Promise<Cluster> {
    const folder = await mkdtemp(join(tmpdir(), 'pkgserver-chaos-'));
    const [git, test, redis] = await Promise.all([
      GitServer.start(),
      plan.ownPostgres ? OwnPostgres.start(folder) : createTestDatabase(),
      (plan.redis ?? plan.queue === 'redis') ? TestRedis.start() : null,
    ]);
    const proxies: Proxies = {
      api: await TcpProxy.start(),
      git: await TcpProxy.start(git.url('any')),
      postgres: await TcpProxy.start(test.url),
      ...(redis && { redis: await TcpProxy.start(redis.url) }),
    };
    const index = await createTestDatabase();
    const process = await startProcess({
      DATABASE_URL: index.url,
      DATA_DIR: join(folder, 'fresh'),
      ...SETTINGS,
      ...RARELY,
    });
    const door = { url: process.url, token: await signIn(index.database, 'observer', { role: 'admin' }) };
    const cluster = new Cluster(plan, git, test, redis, proxies, folder, { process, test: index, door });
    const [first, ...others] = plan.names;
    // The first process migrates a database that is empty.
    if (first) await cluster.#launch(first);
    await Promise.all(others.map((name) => cluster.#launch(name)));
    return cluster;
  }

  get names(): readonly ProcessName[] {
    return this.plan.names;
  }

  get workers(): readonly ProcessName[] {
    return this.names.filter((name) => !isApi(name));
  }

  get queue(): QueueBackend {
    return this.#queue;
  }

  /** Where somebody goes who may do everything, and who has a token that lasts. */
  async door(name: string): Promise<Door> {
    const { port } = this.proxies.api;
    const token = this.#tokens.get(name) ?? signIn(this.test.database, name, { role: 'admin' });
    this.#tokens.set(name, token);
    return { url: `http://127.0.0.1:${port}`, token: await token };
  }

  gitUrl(name: string): string {
    return this.proxies.git.through(this.git.url(name));
  }

  /** The processes that run, by name. */
  running(): { name: ProcessName; pid: number; url: string }[] {
    return [...this.#members].map(([name, { process }]) => ({ name, pid: process.child.pid ?? 0, url: process.url }));
  }

  /** kill -9, and at once a new process in its place. */
  async kill(name: ProcessName): Promise<void> {
    this.kills += 1;
    await this.#replace(name, (process) => process.kill());
  }

  /** Processes come and go one after the other, and those that come have their queue there. */
  async switchQueue(queue: QueueBackend): Promise<void> {
    this.#queue = queue;
    for (const name of this.names) {
      await this.#starting.get(name);
      await this.#replace(name, (process) => this.#end(name, process));
      await this.#starting.get(name);
    }
  }

  /** PostgreSQL ends and comes back, with every connection that there was. */
  async restartPostgres(options: { crashes: boolean }): Promise<void> {
    if (!(this.test instanceof OwnPostgres)) throw new Error('This PostgreSQL serves others as well.');
    await this.test.restart(options);
    this.proxies.postgres.pointTo(this.test.url);
    this.proxies.postgres.cutNow();
  }

  /** Stops a process in its tracks for a while. */
  async freeze(name: ProcessName, milliseconds: number): Promise<void> {
    const child = this.#members.get(name)?.process.child;
    if (!child?.kill('SIGSTOP')) return;
    this.freezes += 1;
    await sleep(milliseconds);
    child.kill('SIGCONT');
  }

  isUp = (name: ProcessName): boolean => this.#members.has(name);

  async allUp(): Promise<void> {
    await Promise.all(this.#starting.values());
  }

  /** What the processes logged since the last call that no fault explains, and processes that should not be there. */
  faults(): string[] {
    for (const [name, { process, log }] of this.#members) {
      this.#faults.push(...log.faults());
      const { child } = process;
      if (child.exitCode !== null || child.signalCode !== null) {
        this.#faults.push(`${name} ended by itself`);
        this.#members.delete(name);
        this.#start(name);
      } else this.#faults.push(...leftBehind(child.pid).map((what) => `${name} left a process behind: ${what}`));
    }
    return this.#faults.splice(0);
  }

  /** Ends every process as an operator does; {@link faults} says what they did not end well. */
  async endAll(): Promise<void> {
    await this.allUp();
    await Promise.all(
      [...this.#members].map(async ([name, { process, log }]) => {
        await this.#end(name, process);
        this.#faults.push(...log.faults());
      }),
    );
    this.#members.clear();
  }

  async stop(): Promise<void> {
    await this.allUp().catch(() => undefined);
    await Promise.all([...this.#members.values()].map(({ process }) => process.kill()));
    await this.fresh.process.kill();
    await Promise.all([this.test.drop(), this.fresh.test.drop(), this.git.stop(), this.redis?.stop()]);
    await Promise.all(Object.values(this.proxies).map((proxy) => proxy.stop()));
    await rm(this.folder, { recursive: true, force: true });
  }

  async #replace(name: ProcessName, end: (process: PkgserverProcess) => Promise<void>): Promise<void> {
    const member = this.#members.get(name);
    if (!member) return;
    this.#members.delete(name);
    await end(member.process);
    this.#faults.push(...member.log.faults());
    this.#start(name);
  }

  async #end(name: ProcessName, process: PkgserverProcess): Promise<void> {
    const code = await process.stop();
    if (code !== 0) this.#faults.push(`${name} was told to end, and ended with ${code}`);
  }

  #start(name: ProcessName): void {
    const starting = this.#launch(name).finally(() => this.#starting.delete(name));
    this.#starting.set(name, starting);
  }

  async #launch(name: ProcessName): Promise<void> {
    const temporary = join(this.folder, `${name}-tmp`);
    await mkdir(temporary, { recursive: true });
    for (let attempt = 0; ; attempt += 1) {
      try {
        const process = await startProcess({
          ROLE: isApi(name) ? 'api' : 'worker',
          DATABASE_URL: this.proxies.postgres.through(this.test.url),
          REDIS_URL: (this.#queue === 'redis' && this.redis && this.proxies.redis?.through(this.redis.url)) || '',
          // The mirror of the one before is what a restarted process finds.
          DATA_DIR: join(this.folder, name),
          TMPDIR: temporary,
          // A warning says where it comes from.
          NODE_OPTIONS: '--trace-warnings',
          ...SETTINGS,
          ...this.plan.settings,
        });
        this.#members.set(name, { process, log: new ProcessLog(name, process) });
        const apis = this.running().filter((one) => isApi(one.name));
        this.proxies.api.pointTo(...apis.map(({ url }) => url));
        return;
      } catch (error) {
        // Postgres was cut off just then; a supervisor starts it again.
        this.failedStarts += 1;
        if (attempt >= 20) throw error;
      }
    }
  }
}

const isApi = (name: ProcessName): boolean => name.startsWith('api');
