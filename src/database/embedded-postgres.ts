import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { StartupError } from '../config/config.js';
import { DataLock } from './data-lock.js';
import { freePort } from './free-port.js';
import { findPostgresBinaries } from './postgres-binaries.js';
import { type Cluster, openCluster, SERVICE_ROLE, SUPERUSER } from './postgres-cluster.js';
import { stopLeftover } from './postgres-leftover.js';
import { choosePostgresUser } from './postgres-user.js';

export const DATABASE = 'pkgserver';
const START_TIMEOUT_MS = 60_000;
const START_ATTEMPTS = 5;

/**
 * Runs the server, and stops it when descriptor 3 comes to its end: closed by us, or with this process however that
 * ends. One path for both, so that a crash leaves no server behind.
 */
const WATCHDOG = `
"$@" 3<&- & server=$!
{ cat <&3 >/dev/null; kill -INT $server; } 2>/dev/null &
wait $server
`;

/** A real PostgreSQL from npm with its data below DATA_DIR/postgres, for one pkgserver process at a time. */
export class EmbeddedPostgres {
  private constructor(
    /** As the owner of everything. */
    readonly url: string,
    /** As the role that the service works as; it owns nothing. */
    readonly serviceUrl: string,
    private readonly watchdog: ChildProcess,
    private readonly lock: DataLock,
  ) {}

  /** `parameters` are added to the server's, e.g. `{fsync: 'off'}` in tests. After `signal` no server is started. */
  static async start(
    dataDir: string,
    parameters: Record<string, string> = {},
    signal?: AbortSignal,
  ): Promise<EmbeddedPostgres> {
    const lock = await DataLock.acquire(dataDir);
    try {
      const folder = join(dataDir, 'postgres');
      await mkdir(folder, { recursive: true });
      const binaries = await findPostgresBinaries();
      const cluster = await openCluster(folder, binaries, await choosePostgresUser(folder, binaries.postgres));
      await stopLeftover(cluster.data);
      signal?.throwIfAborted();
      const { place, watchdog } = await startServer(cluster, parameters);
      const url = `postgresql://${SUPERUSER}:${cluster.password}@${place}/${DATABASE}`;
      const serviceUrl = `postgresql://${SERVICE_ROLE}:${cluster.servicePassword}@${place}/${DATABASE}`;
      return new EmbeddedPostgres(url, serviceUrl, watchdog, lock);
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  get running(): boolean {
    return !hasEnded(this.watchdog);
  }

  /** Calls `listener` should the server end before {@link stop} was called. */
  onUnexpectedExit(listener: () => void): void {
    this.watchdog.once('exit', listener);
  }

  /** Fast shutdown: open transactions are rolled back; what was committed is kept. */
  async stop(): Promise<void> {
    this.watchdog.removeAllListeners('exit');
    await stopServer(this.watchdog);
    await this.lock.release();
  }
}

/** Another process may take the port between its choice and the server's start: the server is then started on another one. */
async function startServer(
  cluster: Cluster,
  parameters: Record<string, string>,
): Promise<{ place: string; watchdog: ChildProcess }> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    const place = `127.0.0.1:${port}`;
    const watchdog = await spawnServer(cluster, port, parameters);
    try {
      await prepare(`postgresql://${SUPERUSER}:${cluster.password}@${place}/postgres`, watchdog, cluster);
      return { place, watchdog };
    } catch (error) {
      await stopServer(watchdog);
      const log = await readFile(cluster.log, 'utf8');
      if (attempt === START_ATTEMPTS || !log.includes('Address already in use')) throw error;
    }
  }
}

async function spawnServer(
  { data, log, binaries, user }: Cluster,
  port: number,
  parameters: Record<string, string>,
): Promise<ChildProcess> {
  const settings = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    shared_buffers: '128MB',
    max_connections: '100',
    ...parameters,
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const command = [...user.prefix, 'sh', '-c', WATCHDOG, 'pkgserver-postgres', binaries.postgres, '-D', data, ...flags];
  const output = await open(log, 'w', 0o600);
  try {
    // Detached: Ctrl-C in a terminal reaches us only, and the database stays up until the work in hand is done.
    return spawn(command[0] as string, command.slice(1), {
      ...user.spawnAs,
      cwd: data,
      detached: true,
      stdio: ['ignore', output.fd, output.fd, 'pipe'],
    });
  } finally {
    await output.close();
  }
}

async function stopServer(watchdog: ChildProcess): Promise<void> {
  if (hasEnded(watchdog)) return;
  const ended = once(watchdog, 'exit');
  (watchdog.stdio[3] as Duplex).destroy();
  await ended;
}

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

/** Waits for the server, and makes our database and the service's role in it if missing. */
async function prepare(url: string, watchdog: ChildProcess, cluster: Cluster): Promise<void> {
  if (!(await isReady(watchdog, cluster))) {
    const reason = (await readFile(cluster.log, 'utf8')).trim().split('\n').slice(-1)[0] ?? '';
    throw new StartupError(`The embedded PostgreSQL did not start: ${reason} (see ${cluster.log})`);
  }
  const client = new pg.Client(url);
  await client.connect();
  try {
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE]);
    if (found.rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE}`);
    const role = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [SERVICE_ROLE]);
    if (role.rowCount === 0) await client.query(`CREATE ROLE ${SERVICE_ROLE}`);
    const password = client.escapeLiteral(cluster.servicePassword);
    await client.query(`ALTER ROLE ${SERVICE_ROLE} LOGIN PASSWORD ${password}`);
  } finally {
    await client.end();
  }
}

/** The server writes its state into the eighth line of this file; whoever listens on its port may be somebody else. */
async function isReady(watchdog: ChildProcess, { data }: Cluster): Promise<boolean> {
  for (const deadline = Date.now() + START_TIMEOUT_MS; Date.now() < deadline; await sleep(25)) {
    if (hasEnded(watchdog)) return false;
    const state = await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '');
    if (state.split('\n')[7]?.trim() === 'ready') return true;
  }
  return false;
}
