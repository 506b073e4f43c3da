import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { chmod, chown, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { choosePostgresUser, type PostgresUser } from '../../src/database/postgres-user.js';
import { ownPort } from './own-port.js';

/** Where Debian and its kin put a version of PostgreSQL each; POSTGRES_BIN names another folder of programs. */
const DEBIAN = '/usr/lib/postgresql';
const PROGRAMS = ['initdb', 'postgres', 'pg_ctl', 'pg_dump', 'pg_dumpall', 'pg_restore', 'pg_basebackup', 'psql'];

/** The newest PostgreSQL of this machine with all programs that backups take; null where there is none. */
export const postgresPrograms = ((): string | null => {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((one, other) => Number(other) - Number(one)) : [];
  const folders = [process.env.POSTGRES_BIN ?? [], versions.map((version) => join(DEBIAN, version, 'bin'))].flat();
  return folders.find((folder) => PROGRAMS.every((name) => existsSync(join(folder, name)))) ?? null;
})();

export const WITHOUT_PROGRAMS = `needs ${PROGRAMS.join(', ')} of one PostgreSQL, in ${DEBIAN}/*/bin or POSTGRES_BIN`;

const OWNER = 'pkgserver_owner';
const SERVICE = 'pkgserver_service';
const DATABASE = 'pkgserver';

/** A PostgreSQL with its own tools, as an installation has that is backed up: the one that npm brings has no pg_dump. */
export class OwnServer {
  #child: ChildProcess | null = null;

  private constructor(
    private readonly folder: string,
    private readonly user: PostgresUser,
    private readonly programs: string,
    readonly port: number,
    private readonly settings: Record<string, string>,
  ) {}

  /** A new server in a folder of its own, with the two roles of `docs/operating.md` and an empty database. */
  static async start(folder: string, settings: Record<string, string> = {}): Promise<OwnServer> {
    const server = await OwnServer.in(folder, settings);
    await server.empty();
    await server.ask(`CREATE ROLE ${OWNER} LOGIN`, `CREATE ROLE ${SERVICE} LOGIN`);
    await server.ask(`CREATE DATABASE ${DATABASE} OWNER ${OWNER}`);
    return server;
  }

  /** One whose data folder is still to be filled, by initdb or from a backup. */
  static async in(folder: string, settings: Record<string, string> = {}, port?: number): Promise<OwnServer> {
    const programs = postgresPrograms;
    if (programs === null) throw new Error(WITHOUT_PROGRAMS);
    await mkdir(folder, { recursive: true });
    await chmod(folder, 0o777);
    const user = await choosePostgresUser(folder, join(programs, 'postgres'));
    return new OwnServer(folder, user, programs, port ?? (await ownPort()), settings);
  }

  /** Starts it as it comes from initdb. */
  async empty(): Promise<void> {
    await this.run('initdb', ['-D', this.data, '-U', 'postgres', '--auth=trust', '-E', 'UTF8', '--locale=C']);
    await this.up();
  }

  /** Of its first process, the parent of all others. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get data(): string {
    return join(this.folder, 'data');
  }

  get url(): string {
    return this.#url(SERVICE, DATABASE);
  }

  get ownerUrl(): string {
    return this.#url(OWNER, DATABASE);
  }

  /** As whoever may do everything on the server. */
  get superUrl(): string {
    return this.#url('postgres', DATABASE);
  }

  async up(): Promise<void> {
    const settings = {
      listen_addresses: '127.0.0.1',
      port: String(this.port),
      unix_socket_directories: '',
      fsync: 'off',
      max_connections: '100',
      ...this.settings,
    };
    const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const [command = '', ...rest] = [
      ...[...this.user.prefix, join(this.programs, 'postgres')],
      ...['-D', this.data, ...flags],
    ];
    let log = '';
    const child = spawn(command, rest, { ...this.user.spawnAs, cwd: '/', stdio: ['ignore', 'ignore', 'pipe'] });
    child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
    this.#child = child;
    const isUp = () =>
      this.ask('SELECT 1').then(
        () => true,
        () => false,
      );
    while (!(await isUp())) {
      if (child.exitCode !== null) throw new Error(`PostgreSQL did not start: ${log}`);
      await sleep(50);
    }
  }

  /** SIGINT: transactions are broken off. SIGQUIT: it ends at once, as by a fault. SIGKILL: nobody ends its sessions, which find out. */
  async down(signal: 'SIGINT' | 'SIGQUIT' | 'SIGKILL' = 'SIGINT'): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }

  /** The last of these statements' rows, as the superuser; outside of any transaction. */
  async ask(...statements: string[]): Promise<Record<string, unknown>[]> {
    return this.#tell(this.#url('postgres', 'postgres'), statements);
  }

  /** The same in the database of the service. */
  async askService(...statements: string[]): Promise<Record<string, unknown>[]> {
    return this.#tell(this.superUrl, statements);
  }

  async #tell(url: string, statements: readonly string[]): Promise<Record<string, unknown>[]> {
    const client = new pg.Client(url);
    // A server that ends cuts the connection while it is asked.
    client.on('error', () => undefined);
    await client.connect();
    try {
      let rows: Record<string, unknown>[] = [];
      for (const statement of statements) rows = (await client.query<Record<string, unknown>>(statement)).rows;
      return rows;
    } finally {
      await client.end();
    }
  }

  /** One of PostgreSQL's own programs, as the system user that PostgreSQL runs as. */
  async run(program: string, args: readonly string[]): Promise<string> {
    const [command = '', ...rest] = [...this.user.prefix, join(this.programs, program), ...args];
    const { stdout } = await promisify(execFile)(command, rest, { ...this.user.spawnAs, cwd: '/' });
    return stdout;
  }

  /** How the tools that take no URL are told of this server. */
  get address(): string[] {
    return ['-h', '127.0.0.1', '-p', String(this.port), '-U', 'postgres'];
  }

  /** A folder that PostgreSQL may write. */
  async room(name: string): Promise<string> {
    const path = join(this.folder, name);
    await mkdir(path, { recursive: true });
    const { owner } = this.user;
    if (owner) await chown(path, owner.uid, owner.gid);
    await chmod(path, 0o700);
    return path;
  }

  /** Takes the files of a base backup for its own, and what else its start needs. */
  async fill(backup: string, files: Record<string, string> = {}): Promise<void> {
    await this.room('data');
    await promisify(execFile)('cp', ['-a', `${backup}/.`, this.data]);
    for (const [name, content] of Object.entries(files)) {
      await writeFile(join(this.data, name), content);
      const { owner } = this.user;
      if (owner) await chown(join(this.data, name), owner.uid, owner.gid);
    }
  }

  /** A standby that follows this server through that port, under the name `standby`. */
  async standby(folder: string, port: number, settings: Record<string, string> = {}): Promise<OwnServer> {
    const standby = await OwnServer.in(folder, settings);
    const from = `host=127.0.0.1 port=${port} user=postgres application_name=standby`;
    await standby.run('pg_basebackup', [
      '-D',
      await standby.room('data'),
      '-R',
      '-X',
      'stream',
      '-c',
      'fast',
      '-d',
      from,
    ]);
    await standby.up();
    return standby;
  }

  /** From now on a commit is acknowledged once this standby has it. */
  async confirmedBy(standby: string): Promise<void> {
    await this.ask(`ALTER SYSTEM SET synchronous_standby_names = '${standby}'`, 'SELECT pg_reload_conf()');
    await this.until(`SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'`);
  }

  /** Until a standby has all that was committed here. */
  async replayed(standby: OwnServer): Promise<void> {
    const [at] = await this.ask('SELECT pg_current_wal_flush_lsn()::text AS place');
    await standby.until(`SELECT 1 WHERE pg_last_wal_replay_lsn() >= '${String(at?.place)}'`);
  }

  async promote(): Promise<void> {
    await this.ask('SELECT pg_promote(true)');
  }

  /** A time between what was committed and what will be, as `recovery_target_time` takes it. */
  async moment(): Promise<string> {
    await sleep(20);
    const [now] = await this.ask('SELECT clock_timestamp()::text AS now');
    await sleep(20);
    return String(now?.now);
  }

  /** Until a query has a row. */
  async until(query: string): Promise<void> {
    while ((await this.ask(query)).length === 0) await sleep(50);
  }

  async remove(): Promise<void> {
    await this.down('SIGQUIT');
    await rm(this.folder, { recursive: true, force: true });
  }

  #url(role: string, database: string): string {
    return `postgresql://${role}@127.0.0.1:${this.port}/${database}`;
  }
}
