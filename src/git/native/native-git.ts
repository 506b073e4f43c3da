import fs from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { joinSignals } from '../../async/join-signals.js';
import { DEFAULT_MAX_PACK_BYTES, type GitOptions } from '../git-options.js';
import { GitHttpClient } from '../smart-http/http-client.js';
import { HttpTransport } from '../smart-http/http-transport.js';
import { Mirror, mirrorKeys, mirrorPath } from '../mirror.js';
import { ObjectStore } from '../object-store.js';
import type { GitPort, GitTarget } from '../port.js';
import type { RemoteTransport } from '../remote-transport.js';
import { isSshUrl } from '../ssh-url.js';
import { CatFilePool } from './cat-file-pool.js';
import { CatFileReader } from './cat-file-reader.js';
import { gitEnvironment } from './git-environment.js';
import { runGit } from './git-process.js';
import { HttpRouter } from './http-router.js';
import { NativeTransport } from './native-transport.js';
import { QuickestTransport } from './quickest-transport.js';
import type { Router, RunInScratch } from './route.js';
import { ScratchFolders } from './scratch.js';
import { Upkeep } from './upkeep.js';
import { SshRouter } from './ssh-router.js';
import { discreet } from '../discreet-transport.js';

export interface NativeGitOptions extends GitOptions {
  /** Where `git` and `ssh` are looked up, as in PATH. */
  searchPath: string;
  /** Which client talks HTTP: `git` for every request (the default), or our own for the requests that it answers faster. */
  exchanges?: 'native' | 'quickest';
}

/** Git by the `git` on the search path: it reads mirrors, fetches and pushes. Objects are made as in the other transport. */
export async function createNativeGit(options: NativeGitOptions): Promise<GitPort> {
  const { searchPath, connectTimeoutMs = 10_000, idleTimeoutMs = 60_000 } = options;
  const { maxPackBytes = DEFAULT_MAX_PACK_BYTES } = options;
  // Processes run in folders of their own, where a relative path would lead elsewhere.
  const dataDir = resolve(options.dataDir);
  const scratch = await ScratchFolders.open(join(dataDir, 'native'));
  const place = { searchPath, home: scratch.home };
  const client = new GitHttpClient(options);
  const pool = new CatFilePool(gitEnvironment(place));
  const closing = new AbortController();
  const run: RunInScratch = ({ folder, objects }, route, command) => {
    const own = { GIT_DIR: folder, GIT_OBJECT_DIRECTORY: objects };
    const env = { ...gitEnvironment(place, route.settings), ...own, ...route.env };
    const { signal, leave } = joinSignals(command.signal, closing.signal);
    return runGit({ ...command, signal, env, cwd: folder }).finally(leave);
  };
  const upkeep = new Upkeep({ scratch, run });
  const transport = (target: GitTarget, mirror: string): RemoteTransport => {
    const { policy, proxies } = client;
    const onPack = () => void upkeep.look(mirror);
    const through = (router: Router) => new NativeTransport(router, mirror, { scratch, run, maxPackBytes, onPack });
    if (isSshUrl(target.url)) {
      return through(
        new SshRouter(target, { policy, scratch, run, proxies, times: { connectTimeoutMs, idleTimeoutMs } }),
      );
    }
    const remote = client.remote(target);
    const native = through(new HttpRouter(remote, { policy, proxies, idleTimeoutMs, caBundle: target.caBundle }));
    if (options.exchanges !== 'quickest') return native;
    return new QuickestTransport(new HttpTransport(remote, mirror, maxPackBytes), native, onPack);
  };
  const mirrorOf = (target: GitTarget): Mirror => {
    const mirror = mirrorPath(dataDir, target.key);
    const remote = discreet(target, transport(target, mirror));
    const parts = { transport: remote, reader: new CatFileReader(mirror, pool), unpackLimit: 0 };
    return new Mirror(mirror, parts, options);
  };
  return {
    async open(target) {
      await ObjectStore.create(mirrorPath(dataDir, target.key));
      return mirrorOf(target);
    },
    async listRefs(target, signal) {
      // `git ls-remote` runs in the mirror, and refuses one that is not there.
      if (isSshUrl(target.url)) await ObjectStore.create(mirrorPath(dataDir, target.key));
      return mirrorOf(target).listRefs(signal);
    },
    keys: () => mirrorKeys(dataDir),
    async remove(key) {
      const directory = mirrorPath(dataDir, key);
      await upkeep.stop(directory);
      pool.remove(directory);
      await fs.rm(directory, { recursive: true, force: true });
    },
    async close() {
      closing.abort(new Error('The Git port was closed.'));
      pool.close();
      await scratch.idle();
      await client.close();
    },
  };
}
