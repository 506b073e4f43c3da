import fs from 'node:fs/promises';
import type { GitOptions } from './git-options.js';
import { GitHttpClient } from './smart-http/http-client.js';
import { discreet } from './discreet-transport.js';
import { HttpTransport } from './smart-http/http-transport.js';
import { Mirror, mirrorKeys, mirrorPath } from './mirror.js';
import { ObjectStore } from './object-store.js';
import { GitError, type GitPort, type GitTarget } from './port.js';
import { isSshUrl, SSH_NEEDS_GIT } from './ssh-url.js';

/** Git in JavaScript alone: objects by isomorphic-git and our own code, the network by our own client. */
export function createJavaScriptGit(options: GitOptions): GitPort {
  const client = new GitHttpClient(options);
  const mirrorOf = (target: GitTarget, directory = mirrorPath(options.dataDir, target.key)): Mirror => {
    if (isSshUrl(target.url)) throw new GitError('hostRefused', SSH_NEEDS_GIT);
    const transport = new HttpTransport(client.remote(target), directory, options.maxPackBytes);
    return new Mirror(directory, { transport: discreet(target, transport) }, options);
  };
  return {
    async open(target) {
      const mirror = mirrorOf(target);
      await ObjectStore.create(mirrorPath(options.dataDir, target.key));
      return mirror;
    },
    async listRefs(target, signal) {
      return mirrorOf(target).listRefs(signal);
    },
    keys: () => mirrorKeys(options.dataDir),
    async remove(key) {
      await fs.rm(mirrorPath(options.dataDir, key), { recursive: true, force: true });
    },
    close: () => client.close(),
  };
}
