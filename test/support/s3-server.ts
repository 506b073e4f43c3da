import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ownPort } from './own-port.js';

/** The Versity S3 Gateway, which keeps objects as files: from the PATH, or where Go installs programs. */
const PROGRAM = ['versitygw', join(process.env.GOBIN ?? join(process.env.HOME ?? '', 'go', 'bin'), 'versitygw')].find(
  (program) => {
    try {
      execFileSync(program, ['--version'], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  },
);

export const hasS3Server = PROGRAM !== undefined;

const KEYS = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'secret' };

/** An S3 server of the test's own with one bucket, that can be stopped and started again with what it holds. */
export class S3Server {
  private process?: ChildProcess;

  private constructor(
    private readonly port: number,
    private readonly folder: string,
  ) {}

  static async start(): Promise<S3Server> {
    const folder = mkdtempSync(join(tmpdir(), 'pkgserver-s3-'));
    mkdirSync(join(folder, 'objects', 'files'), { recursive: true });
    mkdirSync(join(folder, 'meta'));
    const server = new S3Server(await ownPort(), folder);
    await server.resume();
    return server;
  }

  /** As the client of S3 reads them. */
  get variables(): Record<string, string> {
    return { ...KEYS, AWS_REGION: 'us-east-1', AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${this.port}` };
  }

  /** The files of the objects below `prefix`. */
  objects(prefix: string): string[] {
    const root = join(this.folder, 'objects', 'files', prefix);
    const entries = readdirSync(root, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  }

  async resume(): Promise<void> {
    const [access, secret] = [KEYS.AWS_ACCESS_KEY_ID, KEYS.AWS_SECRET_ACCESS_KEY];
    const options = ['--port', `127.0.0.1:${this.port}`, '--access', access, '--secret', secret];
    const backend = ['posix', '--sidecar', join(this.folder, 'meta'), join(this.folder, 'objects')];
    const child = spawn(PROGRAM ?? '', [...options, ...backend], { stdio: ['ignore', 'pipe', 'ignore'] });
    this.process = child;
    await new Promise<void>((resolve, reject) => {
      child.once('exit', () => reject(new Error('The S3 server ended')));
      child.stdout?.on('data', (text: Buffer) => {
        if (text.includes('listening')) resolve();
      });
    });
  }

  /** Its port then refuses connections. */
  async kill(): Promise<void> {
    const { process: child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true });
  }
}
