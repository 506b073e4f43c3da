import type { RefChange, RemoteRefs } from './port.js';

/** The exchanges with one remote, as {@link Mirror} needs them. */
export interface RemoteTransport {
  listRefs(signal: AbortSignal): Promise<RemoteRefs>;
  /** Puts a pack with what `wants` reach, and `haves` (all of them held) do not, into the mirror. */
  fetch(wants: readonly string[], haves: readonly string[], signal: AbortSignal): Promise<void>;
  /**
   * `pack` makes the pack of the objects that the changes need; it is asked for when something is not just deleted.
   * Tells whether the mirror holds that pack now.
   */
  push(changes: readonly RefChange[], pack: () => Promise<Buffer>, signal: AbortSignal): Promise<{ kept: boolean }>;
}
