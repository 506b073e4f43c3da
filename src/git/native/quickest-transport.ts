import type { RefChange, RemoteRefs } from '../port.js';
import type { RemoteTransport } from '../remote-transport.js';

/** A fetch of more than this is likely to bring thousands of objects. */
const MANY = 100;

/**
 * Chooses the quicker of two transports over HTTP: git starts four processes for an exchange, which pays off where much
 * is to be indexed, because the mirror holds nothing of it yet or many refs have moved.
 */
export class QuickestTransport implements RemoteTransport {
  constructor(
    private readonly http: RemoteTransport,
    private readonly native: RemoteTransport,
    /** Told when the mirror has one more pack. */
    private readonly onPack: () => void,
  ) {}

  listRefs(signal: AbortSignal): Promise<RemoteRefs> {
    return this.http.listRefs(signal);
  }

  async fetch(wants: readonly string[], haves: readonly string[], signal: AbortSignal): Promise<void> {
    if (haves.length === 0 || wants.length > MANY) return this.native.fetch(wants, haves, signal);
    await this.http.fetch(wants, haves, signal);
    this.onPack();
  }

  async push(
    changes: readonly RefChange[],
    pack: () => Promise<Buffer>,
    signal: AbortSignal,
  ): Promise<{ kept: boolean }> {
    const result = await this.http.push(changes, pack, signal);
    this.onPack();
    return result;
  }
}
