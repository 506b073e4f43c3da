import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { GitServer } from '../support/git-server.js';
import { type PkgserverProcess, startProcess } from '../support/process.js';
import { Steps } from '../support/steps.js';

export type ProcessName = 'api' | 'worker' | `worker-${number}`;

interface Place {
  databaseUrl: string;
  ownerUrl?: string;
  /** Those of `CREDENTIALS_KEY`. */
  keys: string;
}

export const newKey = (): string => randomBytes(32).toString('base64');

/** API and workers as processes of their own, each with a `DATA_DIR`, beside a Git server. */
export class Installation {
  readonly #processes = new Map<ProcessName, PkgserverProcess>();
  #token = '';

  private constructor(
    readonly folder: string,
    readonly git: GitServer,
    private readonly names: readonly ProcessName[],
    /** What the next process that is started gets. */
    readonly place: Place,
  ) {}

  static async start(
    database: { url: string; ownerUrl?: string },
    names: readonly ProcessName[] = ['api', 'worker'],
  ): Promise<Installation> {
    const folder = await mkdtemp(join(tmpdir(), 'pkgserver-disaster-'));
    const { url, ownerUrl } = database;
    const place = { databaseUrl: url, ...(ownerUrl !== undefined && { ownerUrl }), keys: newKey() };
    const installation = new Installation(folder, await GitServer.start(), names, place);
    await installation.up();
    await installation.signInAnew();
    return installation;
  }

  /** The administrator of the first token. */
  get admin(): Steps {
    return this.holder(this.#token);
  }

  holder(token: string): Steps {
    return new Steps(this.#process('api').url, { Authorization: `Bearer ${token}` });
  }

  /** Takes the token that the API process has left for the first administrator of the database that it found empty. */
  async signInAnew(): Promise<void> {
    this.#token = (await readFile(join(this.dataDir('api'), 'admin-token'), 'utf8')).trim();
  }

  /** Somebody with a token and these roles, as an administrator makes them. */
  async person(user: string, ...roles: object[]): Promise<Steps> {
    for (const role of roles) {
      await this.admin.expect(201, 'POST', '/role-bindings', { ...role, subject: { type: 'user', name: user } });
    }
    const { body } = await this.admin.expect(201, 'POST', '/api-tokens', { description: 'work', user });
    return this.holder(body.token as string);
  }

  dataDir = (name: ProcessName): string => join(this.folder, name);

  output = (name: ProcessName): string => this.#process(name).output();

  ready = async (name: ProcessName): Promise<{ status: number; body: unknown }> => {
    const response = await fetch(`${this.#process(name).url}/health/ready`);
    return { status: response.status, body: await response.json() };
  };

  /** Until every process can serve again. */
  async answers(): Promise<void> {
    for (const name of this.#processes.keys()) while ((await this.ready(name)).status !== 200) await sleep(100);
  }

  async up(...names: ProcessName[]): Promise<void> {
    // The first migrates a database that is empty.
    for (const name of names.length > 0 ? names : this.names) this.#processes.set(name, await this.#start(name));
  }

  async down(...names: ProcessName[]): Promise<void> {
    for (const name of names.length > 0 ? names : this.names) {
      const code = await this.#processes.get(name)?.stop();
      this.#processes.delete(name);
      if (code !== undefined && code !== 0) throw new Error(`${name} was told to end, and ended with ${code}`);
    }
  }

  async kill(name: ProcessName): Promise<void> {
    await this.#processes.get(name)?.kill();
    this.#processes.delete(name);
  }

  async remove(): Promise<void> {
    await Promise.all([...this.#processes.values()].map((process) => process.kill()));
    await this.git.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  #process(name: ProcessName): PkgserverProcess {
    const process = this.#processes.get(name);
    if (!process) throw new Error(`${name} does not run.`);
    return process;
  }

  #start(name: ProcessName): Promise<PkgserverProcess> {
    const { databaseUrl, ownerUrl, keys } = this.place;
    return startProcess({
      ...{ ROLE: name === 'api' ? 'api' : 'worker', AUTH: 'required', DATA_DIR: this.dataDir(name) },
      ...{ DATABASE_URL: databaseUrl, DATABASE_OWNER_URL: ownerUrl ?? '', CREDENTIALS_KEY: keys },
      ...{ SWEEP_INTERVAL_MS: '200', RETRY_MAX_SECONDS: '1', LEASE_SECONDS: '2', GIT_TIMEOUT_SECONDS: '5' },
    });
  }
}
