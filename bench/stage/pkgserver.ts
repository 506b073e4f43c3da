import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Api } from './api.js';

const MAIN = resolve(import.meta.dirname, '../../main.js');

export interface PkgserverSettings {
  /** Where its data and its log go, in a folder of its own. */
  folder: string;
  databaseUrl: string;
  role?: 'all' | 'api' | 'worker';
  /** More settings, as environment variables. */
  variables?: Record<string, string>;
  /** Writes a V8 CPU profile here, at its end. */
  profile?: { folder: string; name: string };
}

/** The built pkgserver in a process of its own, with the settings that it has by itself. */
export class Pkgserver {
  readonly api: Api;

  private constructor(
    readonly url: string,
    readonly databaseUrl: string,
    private readonly child: ChildProcess,
    private readonly log: string,
    /** Where its mirrors are. */
    readonly dataDir: string,
    token: string | undefined,
  ) {
    this.api = new Api(url, token);
  }

  static async start(settings: PkgserverSettings): Promise<Pkgserver> {
    const { databaseUrl, role = 'all', variables = {}, profile } = settings;
    const folder = await mkdtemp(join(settings.folder, `pkgserver-${role}-`));
    const log = join(folder, 'pkgserver.log');
    const dataDir = join(folder, 'data');
    const output = await open(log, 'w');
    const profiling = profile
      ? ['--cpu-prof', `--cpu-prof-dir=${profile.folder}`, `--cpu-prof-name=${profile.name}`]
      : [];
    const child = spawn(process.execPath, [...profiling, MAIN], {
      env: {
        PATH: process.env.PATH,
        // To compare the transports.
        GIT_TRANSPORT: process.env.GIT_TRANSPORT ?? '',
        HOME: folder,
        NODE_ENV: 'production',
        PORT: '0',
        // One client does the work of many.
        RATE_LIMIT_IDENTITY: '1000000000',
        RATE_LIMIT_ADDRESS: '1000000000',
        ROLE: role,
        DATABASE_URL: databaseUrl,
        DATA_DIR: dataDir,
        GIT_ALLOWED_HOSTS: '127.0.0.1',
        ...variables,
      },
      stdio: ['ignore', output.fd, output.fd],
      // Ctrl-C reaches the benchmark only, which then ends this process.
      detached: true,
    });
    await output.close();
    try {
      const url = await urlIn(log, child);
      return new Pkgserver(url, databaseUrl, child, log, dataDir, await adminToken(dataDir));
    } catch (error) {
      child.kill('SIGKILL');
      throw error;
    }
  }

  /** Bytes held in memory: now, and at the most since {@link forgetPeak}. */
  async memory(): Promise<{ now: number; peak: number }> {
    const status = await readFile(`/proc/${this.child.pid}/status`, 'utf8');
    const kibibytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1024;
    return { now: kibibytes('VmRSS'), peak: kibibytes('VmHWM') };
  }

  async forgetPeak(): Promise<void> {
    await writeFile(`/proc/${this.child.pid}/clear_refs`, '5');
  }

  /** Seconds of CPU used so far, in user and system mode. */
  async cpuSeconds(): Promise<number> {
    const fields = (await readFile(`/proc/${this.child.pid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  }

  /** What `/metrics` says. */
  async metrics(credentials = this.api.credentials): Promise<string> {
    const answer = await fetch(`${this.url}/metrics`, { headers: credentials });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`GET /metrics answered ${answer.status}: ${text}`);
    return text;
  }

  async logText(): Promise<string> {
    return readFile(this.log, 'utf8');
  }

  /** Orderly at first, then not. */
  async stop(): Promise<void> {
    await this.api.close();
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    const hurry = setTimeout(() => this.child.kill('SIGKILL'), 12_000);
    await ended;
    clearTimeout(hurry);
  }
}

/** What the first process with an API on a new database has left; a worker leaves none, and needs none. */
const adminToken = (dataDir: string): Promise<string | undefined> =>
  readFile(join(dataDir, 'admin-token'), 'utf8').then(
    (text) => text.trim(),
    () => undefined,
  );

/** USER_HZ: 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

async function urlIn(log: string, child: ChildProcess): Promise<string> {
  for (;;) {
    const text = await readFile(log, 'utf8');
    const url = /(http:\/\/[\d.]+:\d+)\/(?:api\/v1|health)/.exec(text)?.[1];
    if (url !== undefined) return url;
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`pkgserver did not start:\n${text}`);
    await sleep(20);
  }
}
