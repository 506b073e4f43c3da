import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { concurrently } from '../async/concurrently.js';
import type { GitOptions } from './git-options.js';
import type { ObjectReader } from './objects/object-reader.js';
import { ObjectStore } from './object-store.js';
import { GitError, type GitRepository, type RefChange, type RemoteRefs } from './port.js';
import type { RemoteTransport } from './remote-transport.js';
import { timed } from './timed.js';

/** Objects that are looked up at a time; each takes memory while it waits, and there may be a hundred thousand. */
const LOOKUPS_AT_ONCE = 256;

/** Where the mirror of that key is. Throws a TypeError for a key that could lead elsewhere. */
export function mirrorPath(dataDir: string, key: string): string {
  if (!/^[\w-]+$/.test(key)) throw new TypeError('the key of a mirror is made of letters, digits, - and _');
  return join(dataDir, 'mirrors', key);
}

/** The keys of the mirrors that are there. */
export async function mirrorKeys(dataDir: string): Promise<string[]> {
  try {
    return await readdir(join(dataDir, 'mirrors'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

export interface MirrorParts {
  transport: RemoteTransport;
  reader?: ObjectReader;
  unpackLimit?: number;
}

/** A mirror and the remote behind it: what every transport has in common. */
export class Mirror extends ObjectStore implements GitRepository {
  readonly #transport: RemoteTransport;

  constructor(
    directory: string,
    { transport, reader, unpackLimit }: MirrorParts,
    private readonly options: GitOptions,
  ) {
    super(directory, reader, unpackLimit);
    this.#transport = transport;
  }

  listRefs(signal?: AbortSignal): Promise<RemoteRefs> {
    return timed(this.options, 'list', signal, (deadline) => this.#transport.listRefs(deadline));
  }

  fetch(wants: readonly string[], haves: readonly string[], signal?: AbortSignal): Promise<void> {
    return timed(this.options, 'fetch', signal, async (deadline) => {
      const held = await this.#held(haves);
      const missing = await this.#missing(wants, held);
      if (missing.length === 0) return;
      await this.#transport.fetch(missing, held, deadline);
      const [lacking] = (await this.#sorted(missing, (oid) => this.has(oid))).missing;
      if (lacking !== undefined) throw new GitError('protocol', `The remote did not send ${lacking}.`);
    });
  }

  push(changes: readonly RefChange[], objects: readonly string[], signal?: AbortSignal): Promise<void> {
    return timed(this.options, 'push', signal, async (deadline) => {
      if (changes.length === 0) return;
      let pack: Buffer | null = null;
      const { kept } = await this.#transport.push(changes, async () => (pack ??= await this.pack(objects)), deadline);
      // The remote has it all by now: what the mirror fails to keep is fetched again.
      if (kept) this.forget(objects);
      else if (pack !== null) await this.keep(objects, pack).catch(() => undefined);
    });
  }

  /** The mirror may be younger than what the caller knows of it: a have it does not hold would leave a gap. */
  async #held(haves: readonly string[]): Promise<string[]> {
    return (await this.#sorted(haves, (oid) => this.has(oid))).there;
  }

  /**
   * What has to be fetched. An object in a pack is there with all that it reaches. A loose one was written for a
   * push that may never have come about, so it counts only when the caller vouches for it by naming it in `haves`.
   */
  async #missing(wants: readonly string[], held: readonly string[]): Promise<string[]> {
    const vouched = new Set(held);
    const open = wants.filter((oid) => !vouched.has(oid));
    return (await this.#sorted(open, (oid) => this.reader.holds(oid))).missing;
  }

  /** Each of the objects once, by whether it is there. */
  async #sorted(
    oids: readonly string[],
    isThere: (oid: string) => Promise<boolean>,
  ): Promise<{ there: string[]; missing: string[] }> {
    const unique = [...new Set(oids)];
    const found = await concurrently(unique, LOOKUPS_AT_ONCE, isThere);
    return { there: unique.filter((_, index) => found[index]), missing: unique.filter((_, index) => !found[index]) };
  }
}
