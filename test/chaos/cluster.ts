import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
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

export const NAMES = ['api', 'worker-1', 'worker-2'] as const;
export type ProcessName = (typeof NAMES)[number];

/** Where the queue is. */
export type QueueBackend = 'postgres' | 'redis';

/** What every connection of the cluster goes through; `redis` where its queue is there. */
interface Proxies {
  api: TcpProxy;
  git: TcpProxy;
  postgres: TcpProxy;
  redis?: TcpProxy;
}

interface Member {
  process: PkgserverProcess;
  /** How much of its output has been looked at. */
  read: number;
}

/** Lines of level error that faults of the network and of Postgres cause by design. */
const EXPECTED_ERRORS = [
  /ECONNRE(FUSED|SET)|EPIPE|socket hang up|Connection terminated|Client network socket disconnected/,
  /Can't reach database server|server closed the connection|Server has closed the connection|connection.*(closed|terminated|timed? ?out)/i,
  /[Tt]ransaction (already closed|has ended|not found|API error)|Unable to start a transaction|P2028|P1017|P1001/,
  /could not renew lock|Missing lock for job|stalled/,
];

/** An API process and two workers on one database and one Git server, every connection between them through a proxy. */
export class Cluster {
  kills = 0;
  freezes = 0;
  failedStarts = 0;
  readonly #members = new Map<ProcessName, Member>();
  readonly #faults: string[] = [];
  #starting = new Map<ProcessName, Promise<void>>();
  readonly #tokens = new Map<string, Promise<string>>();

  private constructor(
    readonly git: GitServer,
    readonly test: TestDatabase,
    private readonly redis: TestRedis | null,
    readonly proxies: Proxies,
    private readonly folder: string,
    /** A second pkgserver with an index of its own, without any fault between it and the remotes. */
    readonly fresh: { process: PkgserverProcess; test: TestDatabase; door: Door },
  ) {}

  static async start(queue: QueueBackend): Promise<Cluster> {
    const [git, test, redis, folder] = await Promise.all([
      GitServer.start(),
      createTestDatabase(),
      queue === 'redis' ? TestRedis.start() : null,
      mkdtemp(join(tmpdir(), 'pkgserver-chaos-')),
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
    const cluster = new Cluster(git, test, redis, proxies, folder, { process, test: index, door });
    await Promise.all(NAMES.map((name) => cluster.#launch(name)));
    return cluster;
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

  /** kill -9, and at once a new process in its place. */
  async kill(name: ProcessName): Promise<void> {
    const member = this.#members.get(name);
    if (!member) return;
    this.#members.delete(name);
    this.kills += 1;
    await member.process.kill();
    this.#inspect(name, member);
    const starting = this.#launch(name).finally(() => this.#starting.delete(name));
    this.#starting.set(name, starting);
  }

  /** Stops a process in its tracks for a while. */
  async freeze(name: ProcessName, milliseconds: number): Promise<void> {
    const child = this.#members.get(name)?.process.child;
    if (!child?.kill('SIGSTOP')) return;
    this.freezes += 1;
    await sleep(milliseconds);
    child.kill('SIGCONT');
  }

  isUp(name: ProcessName): boolean {
    return this.#members.has(name);
  }

  async allUp(): Promise<void> {
    await Promise.all(this.#starting.values());
  }

  /** What the processes logged since the last call that no fault explains, and processes that should not be there. */
  faults(): string[] {
    for (const [name, member] of this.#members) {
      this.#inspect(name, member);
      const { child } = member.process;
      if (child.exitCode !== null || child.signalCode !== null) {
        this.#faults.push(`${name} ended by itself`);
        this.#members.delete(name);
        this.#starting.set(
          name,
          this.#launch(name).finally(() => this.#starting.delete(name)),
        );
      } else this.#faults.push(...childrenOf(child.pid).map((what) => `${name} left a process behind: ${what}`));
    }
    return this.#faults.splice(0);
  }

  async stop(): Promise<void> {
    await this.allUp().catch(() => undefined);
    await Promise.all([...this.#members.values()].map(({ process }) => process.kill()));
    await this.fresh.process.kill();
    await Promise.all([this.test.drop(), this.fresh.test.drop(), this.git.stop(), this.redis?.stop()]);
    await Promise.all(Object.values(this.proxies).map((proxy) => proxy.stop()));
    await rm(this.folder, { recursive: true, force: true });
  }

  async #launch(name: ProcessName): Promise<void> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        const process = await startProcess({
          ROLE: name === 'api' ? 'api' : 'worker',
          DATABASE_URL: this.proxies.postgres.through(this.test.url),
          REDIS_URL: (this.redis && this.proxies.redis?.through(this.redis.url)) ?? '',
          // The mirror of the one before is what a restarted process finds.
          DATA_DIR: join(this.folder, name),
          ...SETTINGS,
        });
        if (name === 'api') this.proxies.api.pointTo(process.url);
        this.#members.set(name, { process, read: 0 });
        return;
      } catch (error) {
        // Postgres was cut off just then; a supervisor starts it again.
        this.failedStarts += 1;
        if (attempt >= 20) throw error;
      }
    }
  }

  #inspect(name: string, member: Member): void {
    const output = member.process.output();
    const lines = output.slice(member.read).split('\n');
    // The last line may not be whole yet.
    member.read = output.length - (lines.pop() ?? '').length;
    for (const line of lines) {
      const grave = /"level":"(error|fatal)"/.test(line) || (line !== '' && !line.startsWith('{'));
      if (grave && !EXPECTED_ERRORS.some((expected) => expected.test(line))) this.#faults.push(`${name}: ${line}`);
    }
  }
}

const SETTINGS = {
  AUTH: 'required',
  CREDENTIALS_KEY: Buffer.alloc(32, 7).toString('base64'),
  LEASE_SECONDS: '1',
  SWEEP_INTERVAL_MS: '100',
  SYNC_INTERVAL_SECONDS: '1',
  RETRY_MAX_SECONDS: '1',
  GIT_TIMEOUT_SECONDS: '2',
  GIT_CONNECT_TIMEOUT_SECONDS: '1',
  GIT_TRANSPORT: process.env.GIT_TRANSPORT ?? '',
};

const RARELY = { SYNC_INTERVAL_SECONDS: '86400' };

/** The processes that this one has started and that still run, or ended and were never waited for. */
function childrenOf(pid: number | undefined): string[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((entry) => {
      try {
        const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
        const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        // A helper that works is fine, one that ended and lingers is not.
        return Number(parent) === pid && state === 'Z' ? [`${entry} ${stat.slice(0, 40)}`] : [];
      } catch {
        return [];
      }
    });
}
