import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { makeBareRepository } from './bare-repository.js';
import { ownPort } from './own-port.js';

/** sshd wants to be called by its whole path, and stands where a normal user's PATH does not lead. */
const SSHD = ['/usr/sbin/sshd', '/usr/local/sbin/sshd'].find(existsSync);

export const hasSshd = SSHD !== undefined;

/** An OpenSSH server on loopback that gives the test's own user, by key, nothing but `git-shell`. */
export class SshServer {
  private constructor(
    readonly root: string,
    readonly port: number,
    private readonly sshd: ChildProcess,
    /** As the credential has it. */
    readonly knownHosts: string,
    readonly privateKey: string,
  ) {}

  static async start(): Promise<SshServer> {
    const root = await mkdtemp(join(tmpdir(), 'ssh-server-'));
    // sshd refuses to run as root without this folder, which a boot script makes elsewhere.
    if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true });
    const port = await ownPort();
    const hostKey = await makeKey(root, 'host');
    const key = await makeKey(root, 'client');
    const only = 'restrict,command="git-shell -c \\"$SSH_ORIGINAL_COMMAND\\""';
    await writeFile(join(root, 'authorized_keys'), `${only} ${key.publicKey}\n`, { mode: 0o600 });
    const config = {
      ListenAddress: `127.0.0.1:${port}`,
      HostKey: join(root, 'host'),
      AuthorizedKeysFile: join(root, 'authorized_keys'),
      PidFile: 'none',
      StrictModes: 'no',
      UsePAM: 'no',
      PermitRootLogin: 'prohibit-password',
      PasswordAuthentication: 'no',
      AcceptEnv: 'GIT_PROTOCOL',
    };
    const lines = Object.entries(config).map(([name, value]) => `${name} ${value}\n`);
    await writeFile(join(root, 'sshd_config'), lines.join(''));
    const sshd = spawn(SSHD ?? 'sshd', ['-D', '-e', '-f', join(root, 'sshd_config')], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    await listening(sshd);
    return new SshServer(root, port, sshd, `[127.0.0.1]:${port} ${hostKey.publicKey}\n`, key.privateKey);
  }

  async createRepository(name: string): Promise<{ url: string; path: string }> {
    const path = join(this.root, `${name}.git`);
    await makeBareRepository(path, { empty: true });
    return { path, url: this.url(path) };
  }

  url(path: string): string {
    return `ssh://${userInfo().username}@127.0.0.1:${this.port}${path}`;
  }

  /** A key that opens nothing. */
  async strangeKey(): Promise<{ privateKey: string; publicKey: string }> {
    return makeKey(this.root, 'strange');
  }

  async stop(): Promise<void> {
    const ended = once(this.sshd, 'exit');
    this.sshd.kill('SIGTERM');
    await ended;
    await rm(this.root, { recursive: true, force: true });
  }
}

async function makeKey(folder: string, name: string): Promise<{ privateKey: string; publicKey: string }> {
  const path = join(folder, name);
  await rm(path, { force: true });
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', path]);
  return { privateKey: await readFile(path, 'utf8'), publicKey: (await readFile(`${path}.pub`, 'utf8')).trim() };
}

function listening(sshd: ChildProcess): Promise<void> {
  let said = '';
  return new Promise((resolve, reject) => {
    sshd.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes('Server listening')) resolve();
    });
    sshd.once('exit', (status) => reject(new Error(`sshd left with status ${status}: ${said}`)));
  });
}
