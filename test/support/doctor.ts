import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { createEmptyDatabase } from './database.js';
import { GitServer } from './git-server.js';
import { IdentityProvider } from './identity-provider.js';
import { ownPort } from './own-port.js';
import { startProcess } from './process.js';
import { Steps } from './steps.js';

export interface Finding {
  check: string;
  status: 'ok' | 'warning' | 'failed';
  found: string;
  advice?: string;
}

export type Variables = Record<string, string>;

const KEY = randomBytes(32).toString('base64');
/** In no line may one of these be. */
const SECRETS = [KEY, 'hunter2', 'geheim'];

/** As in the image: with node, and nothing that is installed for development. */
export async function runDoctor(
  variables: Variables,
  ...options: string[]
): Promise<{ code: number; output: string; secrets: string[] }> {
  const env = { PATH: process.env.PATH ?? '', ...variables };
  return new Promise((resolve) => {
    execFile(process.execPath, ['dist/commands/doctor.js', ...options], { env }, (error, stdout, stderr) => {
      const output = stdout + stderr;
      const secrets = SECRETS.filter((secret) => output.includes(secret));
      resolve({ code: error === null ? 0 : Number(error.code), output, secrets });
    });
  });
}

/** A service that runs and lacks nothing: with a provider, a sealed secret, and a repository that was read. */
export class SoundInstallation {
  private constructor(
    readonly variables: Variables,
    readonly git: GitServer,
    private readonly closing: (() => Promise<unknown>)[],
  ) {}

  static async start(): Promise<SoundInstallation> {
    const folder = await mkdtemp(join(tmpdir(), 'pkgserver-doctor-'));
    const [git, provider] = [await GitServer.start(), await IdentityProvider.start([])];
    const variables: Variables = {
      DATABASE_URL: await createEmptyDatabase(),
      DATA_DIR: folder,
      CREDENTIALS_KEY: KEY,
      GIT_ALLOWED_HOSTS: '127.0.0.1',
      OIDC_ISSUER: provider.issuer,
      OIDC_AUDIENCE: 'pkgserver',
    };
    const service = await startProcess(variables);
    const steps = new Steps(service.url);
    await steps.expect(201, 'POST', '/credentials', { type: 'token', name: 'ci', token: 'geheim' });
    await steps.register({ name: 'one', url: (await git.createRepository('one')).url });
    const remove = () => rm(folder, { recursive: true, force: true });
    return new SoundInstallation(variables, git, [
      remove,
      () => provider.stop(),
      () => git.stop(),
      () => service.stop(),
    ]);
  }

  /** The URL of its database, changed. */
  url(change: Partial<URL> = {}): string {
    return Object.assign(new URL(this.variables.DATABASE_URL ?? ''), change).href;
  }

  async query(sql: string): Promise<void> {
    const client = new pg.Client({ connectionString: this.url(), options: '-c default_transaction_read_only=off' });
    await client.connect();
    try {
      await client.query(sql);
    } finally {
      await client.end();
    }
  }

  async stopService(): Promise<void> {
    await this.closing.pop()?.();
  }

  async stop(): Promise<void> {
    for (let close = this.closing.pop(); close; close = this.closing.pop()) await close();
  }
}

/** Takes connections and says nothing. */
export async function silence(): Promise<{ port: number; server: Server }> {
  const port = await ownPort();
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return { port, server };
}
