import { DEFAULT_MAX_PACK_BYTES } from '../git-options.js';
import type { GitHttpRemote } from './http-client.js';
import { PackDirectory } from '../packs/pack-directory.js';
import type { RefChange, RemoteRefs } from '../port.js';
import { pushChanges } from './receive-pack.js';
import type { RemoteTransport } from '../remote-transport.js';
import { fetchPack, listRemoteRefs } from './upload-pack.js';

/** Smart HTTP by our own client: isomorphic-git pushes one ref at a time and without compare-and-swap. */
export class HttpTransport implements RemoteTransport {
  readonly #packs: PackDirectory;

  constructor(
    private readonly remote: GitHttpRemote,
    directory: string,
    private readonly maxPackBytes = DEFAULT_MAX_PACK_BYTES,
  ) {
    this.#packs = new PackDirectory(directory);
  }

  listRefs(signal: AbortSignal): Promise<RemoteRefs> {
    return listRemoteRefs(this.remote, signal);
  }

  async fetch(wants: readonly string[], haves: readonly string[], signal: AbortSignal): Promise<void> {
    await this.#packs.receive(fetchPack(this.remote, wants, haves, signal), this.maxPackBytes);
  }

  async push(
    changes: readonly RefChange[],
    pack: () => Promise<Buffer>,
    signal: AbortSignal,
  ): Promise<{ kept: boolean }> {
    await pushChanges(this.remote, changes, pack, signal);
    return { kept: false };
  }
}
