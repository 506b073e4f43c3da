import fs from 'node:fs/promises';
import { join } from 'node:path';
import { GitHttpClient, type GitHttpOptions, type GitHttpRemote } from './http-client.js';
import { ObjectStore } from './object-store.js';
import {
  GitError,
  type GitErrorCode,
  type GitPort,
  type GitRepository,
  type RefChange,
  type RemoteRefs,
} from './port.js';
import { pushChanges } from './receive-pack.js';
import { fetchPack, listRemoteRefs, MAX_HAVES } from './upload-pack.js';

export type GitOperation = 'list' | 'fetch' | 'push';

export interface IsomorphicGitOptions extends GitHttpOptions {
  /** Mirrors are kept in its folder `mirrors`. */
  dataDir: string;
  /** How long one operation may take in all. Default 15 minutes. */
  overallTimeoutMs?: number;
  /** The largest pack that a fetch takes in. Default 2 GiB. */
  maxPackBytes?: number;
  /** Told of every operation on a remote, but of those that the caller aborted. */
  onTiming?: (operation: GitOperation, seconds: number, outcome: 'ok' | GitErrorCode) => void;
}

/**
 * Objects by isomorphic-git; the network by our own client, because isomorphic-git pushes one ref at a time and
 * without compare-and-swap. `close` ends the pooled connections.
 */
export function createIsomorphicGit(options: IsomorphicGitOptions): GitPort {
  const client = new GitHttpClient(options);
  const mirror = (key: string) => {
    if (!/^[\w-]+$/.test(key)) throw new TypeError('the key of a mirror is made of letters, digits, - and _');
    return join(options.dataDir, 'mirrors', key);
  };
  return {
    async open(target) {
      const directory = mirror(target.key);
      await ObjectStore.create(directory);
      return new IsomorphicRepository(directory, client.remote(target), options);
    },
    async remove(key) {
      await fs.rm(mirror(key), { recursive: true, force: true });
    },
    close: () => client.close(),
  };
}

class IsomorphicRepository extends ObjectStore implements GitRepository {
  constructor(
    directory: string,
    private readonly remote: GitHttpRemote,
    private readonly options: IsomorphicGitOptions,
  ) {
    super(directory);
  }

  listRefs(signal?: AbortSignal): Promise<RemoteRefs> {
    return this.#run('list', signal, (deadline) => listRemoteRefs(this.remote, deadline));
  }

  fetch(wants: readonly string[], haves: readonly string[], signal?: AbortSignal): Promise<void> {
    return this.#run('fetch', signal, async (deadline) => {
      const held = await this.#held(haves);
      const missing = await this.#missing(wants, held);
      if (missing.length === 0) return;
      const pack = fetchPack(this.remote, missing, held.slice(0, MAX_HAVES), deadline);
      await this.packs.receive(pack, this.options.maxPackBytes ?? 2 * 1024 ** 3);
      for (const oid of missing) {
        if (!(await this.has(oid))) throw new GitError('protocol', `The remote did not send ${oid}.`);
      }
    });
  }

  push(changes: readonly RefChange[], objects: readonly string[], signal?: AbortSignal): Promise<void> {
    return this.#run('push', signal, async (deadline) => {
      if (changes.length === 0) return;
      let pack: Buffer | null = null;
      await pushChanges(this.remote, changes, async () => (pack ??= await this.pack(objects)), deadline);
      // The remote has it all by now: what the mirror fails to keep is fetched again.
      if (pack !== null) await this.keep(objects, pack).catch(() => undefined);
    });
  }

  /** The mirror may be younger than what the caller knows of it: a have it does not hold would leave a gap. */
  async #held(haves: readonly string[]): Promise<string[]> {
    const held: string[] = [];
    for (const oid of new Set(haves)) if (await this.has(oid)) held.push(oid);
    return held;
  }

  /**
   * What has to be fetched. An object in a pack is there with all that it reaches. A loose one was written for a
   * push that may never have come about, so it counts only when the caller vouches for it by naming it in `haves`.
   */
  async #missing(wants: readonly string[], held: readonly string[]): Promise<string[]> {
    const vouched = new Set(held);
    const missing: string[] = [];
    for (const oid of new Set(wants)) if (!vouched.has(oid) && !(await this.packs.holds(oid))) missing.push(oid);
    return missing;
  }

  async #run<T>(
    operation: GitOperation,
    caller: AbortSignal | undefined,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const started = performance.now();
    const report = (outcome: 'ok' | GitErrorCode) =>
      this.options.onTiming?.(operation, (performance.now() - started) / 1000, outcome);
    const deadline = new AbortController();
    const late = new GitError('timeout', 'The remote takes too long.');
    const timer = setTimeout(() => deadline.abort(late), this.options.overallTimeoutMs ?? 15 * 60_000);
    const abort = () => deadline.abort(caller?.reason);
    caller?.addEventListener('abort', abort, { once: true });
    try {
      caller?.throwIfAborted();
      const result = await work(deadline.signal);
      report('ok');
      return result;
    } catch (error) {
      if (error instanceof GitError) report(error.code);
      throw error;
    } finally {
      clearTimeout(timer);
      caller?.removeEventListener('abort', abort);
    }
  }
}
