import fs from 'node:fs/promises';
import { join } from 'node:path';
import type { ForwardProxies } from '../../net/forward-proxy.js';
import { bareHost, portOf } from '../../net/host-policy.js';
import { GitError, type GitSshKey, type GitTarget, type RemoteRefs } from '../port.js';
import { type AddressCheck, checkedAddresses } from './checked-addresses.js';
import { gitFailure } from './git-failure.js';
import type { Route, Router, RunInScratch } from './route.js';
import type { Scratch, ScratchFolders } from './scratch.js';
import { sshConfig, type SshTimes } from './ssh-config.js';

export interface SshRouterOptions extends AddressCheck {
  times: SshTimes;
  scratch: ScratchFolders;
  run: RunInScratch;
  proxies?: ForwardProxies;
}

const MAX_REFS_BYTES = 256 * 1024 * 1024;

/** The way over SSH, with a deploy key. */
export class SshRouter implements Router {
  constructor(
    private readonly target: GitTarget,
    private readonly options: SshRouterOptions,
  ) {}

  async route({ folder }: Scratch): Promise<Route> {
    const url = new URL(this.target.url);
    const key = this.#key(url);
    const address = (await this.#addresses(url))?.[0] ?? bareHost(url);
    // Files of one operation, in a folder that nobody else may enter.
    await fs.writeFile(join(folder, 'key'), withNewline(key.privateKey), { mode: 0o600 });
    await fs.writeFile(join(folder, 'known_hosts'), withNewline(key.knownHosts), { mode: 0o600 });
    await fs.writeFile(join(folder, 'ssh_config'), sshConfig(bareHost(url), portOf(url), address, this.options.times));
    return {
      url: url.href,
      host: url.host,
      signedIn: true,
      settings: [['protocol.ssh.allow', 'always']],
      // A shell reads this, and there is nothing in it that anyone else has written: the files are found in the folder
      // that git runs in. Host, port, user and path of the URL are given to ssh by git, as arguments.
      env: { GIT_SSH_COMMAND: 'exec ssh -F ssh_config', GIT_SSH_VARIANT: 'ssh' },
    };
  }

  listRefs(signal: AbortSignal): Promise<RemoteRefs> {
    const { scratch: folders, run } = this.options;
    return folders.use(async (scratch) => {
      const route = await this.route(scratch);
      const args = ['ls-remote', '--quiet', '--symref', '--end-of-options', route.url];
      const patterns = ['HEAD', 'refs/heads/*', 'refs/tags/*'];
      const command = { args: [...args, ...patterns], signal, maxOutputBytes: MAX_REFS_BYTES };
      const { ok, stdout, stderr } = await run(scratch, route, command);
      if (!ok) throw this.#direct(gitFailure(stderr, route));
      return readRefs(stdout);
    });
  }

  /** Whoever has set a proxy may take this for going through it as well. */
  #direct(error: Error): Error {
    const [proxy] = this.options.proxies?.names ?? [];
    if (proxy === undefined || !(error instanceof GitError)) return error;
    if (error.code !== 'unreachable' && error.code !== 'timeout') return error;
    const message = `${error.message} SSH does not go through the proxy ${proxy}: use an https:// URL where the host is reached by that alone.`;
    return new GitError(error.code, message, error.data, { cause: error.cause });
  }

  async #addresses(url: URL): Promise<string[] | null> {
    try {
      return await checkedAddresses(url, this.options);
    } catch (error) {
      throw this.#direct(error as Error);
    }
  }

  #key(url: URL): GitSshKey {
    const { credential } = this.target;
    if (credential !== undefined && 'privateKey' in credential) return credential;
    throw new GitError('authenticationFailed', `${url.host} is reached over ssh, which needs a credential with a key.`);
  }
}

/** `<oid>\t<ref>` lines. */
function readRefs(text: string): RemoteRefs {
  const refs = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [oid = '', ref = ''] = line.split('\t');
    if (/^refs\/(heads|tags)\//.test(ref) && !ref.endsWith('^{}')) refs.set(ref, oid);
  }
  const head = /^ref: (refs\/heads\/\S+)\tHEAD$/m.exec(text)?.[1];
  return { refs, ...(head !== undefined && { head }) };
}

/** ssh reads neither a key nor a line that is not ended, nor the line ends of Windows. */
const withNewline = (text: string): string => `${text.replace(/\r\n?/g, '\n').trimEnd()}\n`;
