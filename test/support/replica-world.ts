import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { OwnServer } from './own-server.js';
import { GitServer } from './git-server.js';
import type { Body } from './http-client.js';
import { type PkgserverProcess, startProcess } from './process.js';
import { Steps } from './steps.js';

/** API processes over a primary and its standby, a worker, and a Git server. */
export class ReplicaWorld {
  private constructor(
    readonly folder: string,
    readonly git: GitServer,
    readonly primary: OwnServer,
    readonly standby: OwnServer,
    readonly apis: PkgserverProcess[],
    private readonly worker: PkgserverProcess,
    private readonly adminToken: string,
  ) {}

  /** With one API process for each of these settings. */
  static async start(settings: readonly Record<string, string>[]): Promise<ReplicaWorld> {
    const folder = await mkdtemp(join(tmpdir(), 'pkgserver-replica-'));
    const primary = await OwnServer.start(await mkdtemp(join(tmpdir(), 'pkgserver-primary-')));
    const standby = await primary.standby(await mkdtemp(join(tmpdir(), 'pkgserver-standby-')), primary.port);
    const git = await GitServer.start();
    const shared = {
      ...{ AUTH: 'required', DATABASE_URL: primary.url, DATABASE_OWNER_URL: primary.ownerUrl },
      ...{ CREDENTIALS_KEY: randomBytes(32).toString('base64'), SWEEP_INTERVAL_MS: '200' },
    };
    const apis: PkgserverProcess[] = [];
    for (const [index, more] of settings.entries()) {
      const own = { ROLE: 'api', DATA_DIR: join(folder, `api-${index}`), DATABASE_READ_URL: standby.url, ...more };
      apis.push(await startProcess({ ...shared, ...own }));
    }
    const worker = await startProcess({ ...shared, ROLE: 'worker', DATA_DIR: join(folder, 'worker') });
    const token = (await readFile(join(folder, 'api-0', 'admin-token'), 'utf8')).trim();
    return new ReplicaWorld(folder, git, primary, standby, apis, worker, token);
  }

  /** The holder of a token, at one of the API processes. */
  at(api: number, token = this.adminToken): Steps {
    return new Steps(this.apis[api]?.url ?? '', { Authorization: `Bearer ${token}` });
  }

  /** Somebody new who may do everything: their token. */
  async person(user: string): Promise<string> {
    await this.at(0).expect(201, 'POST', '/role-bindings', { role: 'admin', subject: { type: 'user', name: user } });
    const { body } = await this.at(0).expect(201, 'POST', '/api-tokens', { description: 'work', user });
    return body.token as string;
  }

  /** From now on the standby gets all, and shows nothing of it. */
  async pause(): Promise<void> {
    await this.primary.replayed(this.standby);
    await this.standby.ask('SELECT pg_wal_replay_pause()');
    await this.standby.until(`SELECT 1 WHERE pg_get_wal_replay_pause_state() = 'paused'`);
  }

  async resume(): Promise<void> {
    await this.standby.ask('SELECT pg_wal_replay_resume()');
    await this.primary.replayed(this.standby);
  }

  /** How often an API process has read from a replica, or from the primary in place of one. */
  reads(from: 'replica' | 'primary', api: number): Promise<number> {
    return this.metric(api, `pkgserver_reads_total{from="${from}"}`);
  }

  /** Their names. */
  async targets(reader: Steps): Promise<string[]> {
    return ((await reader.expect(200, 'GET', '/targets')).body.items as Body[]).map(({ name }) => name);
  }

  /** Gives its id. */
  async makeTarget(maker: Steps, name: string): Promise<string> {
    return (await maker.expect(201, 'POST', '/targets', { name })).body.id as string;
  }

  /** The value of a metric of an API process, by its name and labels; 0 where it has none. */
  async metric(api: number, series: string): Promise<number> {
    const response = await fetch(`${this.apis[api]?.url}/metrics`, {
      headers: { Authorization: `Bearer ${this.adminToken}` },
    });
    const line = (await response.text()).split('\n').find((text) => text.startsWith(`${series} `));
    return Number(line?.slice(series.length + 1) ?? 0);
  }

  async serves(api: number): Promise<boolean> {
    const { host, pathname } = new URL(this.standby.url);
    return (await this.metric(api, `pkgserver_replica_serves{replica="${host}${pathname}"}`)) === 1;
  }

  /** Until the standby serves the reads of each API process, or of these. */
  async served(...apis: number[]): Promise<void> {
    for (const api of apis.length > 0 ? apis : this.apis.keys()) while (!(await this.serves(api))) await sleep(100);
  }

  /** The standby, once the sessions of its killed server have ended. */
  async upAgain(): Promise<void> {
    for (let tries = 0; ; tries++) {
      try {
        return await this.standby.up();
      } catch (error) {
        if (tries > 50) throw error;
        await sleep(200);
      }
    }
  }

  /** Locks a table of the primary as a migration does. */
  async holdLock(table: string): Promise<{ release(): Promise<void> }> {
    const client = new pg.Client(this.primary.superUrl);
    await client.connect();
    await client.query(`BEGIN; LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE; CREATE TABLE marks_the_lock (id int)`);
    return {
      release: async () => {
        await client.query('ROLLBACK');
        await client.end();
      },
    };
  }

  async remove(): Promise<void> {
    await Promise.all([...this.apis, this.worker].map((process) => process.kill()));
    await this.git.stop();
    await Promise.all([this.primary.remove(), this.standby.remove()]);
    await rm(this.folder, { recursive: true, force: true });
  }
}
