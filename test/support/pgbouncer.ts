import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ownPort } from './own-port.js';

/** Debian puts it where only root's PATH looks. */
const PROGRAM = '/usr/sbin/pgbouncer';

export const hasPgBouncer = ((): boolean => {
  try {
    accessSync(PROGRAM, constants.X_OK);
    return true;
  } catch {
    return false;
  }
})();

/** A PgBouncer of the test's own, before all databases of a server, with no more settings than it needs. */
export class TestPgBouncer {
  private constructor(
    private readonly port: number,
    private readonly folder: string,
    private readonly child: ChildProcess,
  ) {}

  /** `poolSize`: connections to the server, for each database and user. */
  static async start(
    serverUrl: string,
    { mode = 'transaction', poolSize = 3 }: { mode?: 'transaction' | 'session'; poolSize?: number } = {},
  ): Promise<TestPgBouncer> {
    const { hostname, port, username, password } = new URL(serverUrl);
    const folder = await mkdtemp(join(tmpdir(), 'pkgserver-pgbouncer-'));
    const own = await ownPort();
    await writeFile(join(folder, 'users'), `"${username}" "${decodeURIComponent(password)}"\n`);
    const settings = `[databases]
* = host=${hostname} port=${port || 5432}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${own}
unix_socket_dir =
auth_type = trust
auth_file = ${join(folder, 'users')}
pool_mode = ${mode}
default_pool_size = ${poolSize}
max_client_conn = 200
`;
    await writeFile(join(folder, 'pgbouncer.ini'), settings);
    // It does not run as root, and whoever it runs as has to read its files.
    await chmod(folder, 0o755);
    const user = process.getuid?.() === 0 ? ['-u', 'nobody'] : [];
    const child = spawn(PROGRAM, [...user, join(folder, 'pgbouncer.ini')], { stdio: ['ignore', 'ignore', 'pipe'] });
    await new Promise<void>((resolve, reject) => {
      let output = '';
      child.once('exit', () => reject(new Error(`pgbouncer ended: ${output}`)));
      child.stderr.on('data', (text: Buffer) => {
        output += text.toString();
        if (output.includes('process up')) resolve();
      });
    });
    return new TestPgBouncer(own, folder, child);
  }

  /** The same URL, through the pooler. */
  through(url: string): string {
    const pooled = new URL(url);
    [pooled.hostname, pooled.port] = ['127.0.0.1', String(this.port)];
    return pooled.href;
  }

  async stop(): Promise<void> {
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await ended;
    await rm(this.folder, { recursive: true, force: true });
  }
}
