import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const MAIN = resolve(import.meta.dirname, '../../main.js');

/** pkgserver as `npm start` runs it, with its embedded PostgreSQL, all of its data in one folder. */
export class PkgserverProcess {
  private constructor(
    readonly url: string,
    readonly log: string,
    private readonly child: ChildProcess,
  ) {}

  /** `onLost` is told why, should it end before {@link stop}. */
  /** What the first start leaves for the administrator. */
  get adminTokenFile(): string {
    return join(dirname(this.log), 'data', 'admin-token');
  }

  static async spawn(folder: string, port: number, onLost: (error: Error) => void): Promise<PkgserverProcess> {
    const log = join(folder, 'pkgserver.log');
    const output = await open(log, 'w');
    const child = spawn(process.execPath, [MAIN], {
      // Nothing else of the caller's environment, lest the demo write into a DATABASE_URL that is set there.
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        PORT: String(port),
        DATA_DIR: join(folder, 'data'),
        GIT_ALLOWED_HOSTS: '127.0.0.1',
      },
      stdio: ['ignore', output.fd, output.fd],
    });
    await output.close();
    child.once('exit', (status, signal) => {
      void readFile(log, 'utf8')
        .catch(() => '')
        .then((text) => text.trim().split('\n').slice(-5).join('\n'))
        .then((lines) => onLost(new Error(`pkgserver ended (${signal ?? `status ${status}`}):\n${lines}`)));
    });
    return new PkgserverProcess(`http://127.0.0.1:${port}`, log, child);
  }

  /** Until it takes requests. */
  async ready(signal: AbortSignal): Promise<void> {
    for (;;) {
      const answer = await fetch(`${this.url}/health/ready`, { signal }).catch(() => null);
      if (answer?.ok) return;
      await sleep(100, undefined, { signal });
    }
  }

  async stop(): Promise<void> {
    this.child.removeAllListeners('exit');
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await ended;
  }
}

/** The port itself if nothing listens there, else any free one. */
export async function freePort(wanted: number): Promise<number> {
  const probe = createServer();
  try {
    probe.listen(wanted, '127.0.0.1');
    await once(probe, 'listening');
    return (probe.address() as AddressInfo).port;
  } catch (error) {
    if (wanted === 0 || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    return await freePort(0);
  } finally {
    probe.close();
  }
}
