import type { GitHttpOptions } from './smart-http/http-client.js';
import type { GitErrorCode } from './port.js';

export type GitOperation = 'list' | 'fetch' | 'push';

/** Options of both transports. */
export interface GitOptions extends GitHttpOptions {
  /** Mirrors are kept in its folder `mirrors`. */
  dataDir: string;
  /** How long one operation may take in all. Default 15 minutes. */
  overallTimeoutMs?: number;
  /** The largest pack that a fetch takes in. Default 2 GiB. */
  maxPackBytes?: number;
  /** Called for every operation on a remote, in its caller's context, except those that the caller aborted. */
  onTiming?: (...timing: GitTiming) => void;
}

export type GitTiming = readonly [operation: GitOperation, seconds: number, outcome: 'ok' | GitErrorCode];

export const DEFAULT_OVERALL_TIMEOUT_MS = 15 * 60_000;
export const DEFAULT_MAX_PACK_BYTES = 2 * 1024 ** 3;
