import { Redis } from 'ioredis';
import {
  type RateLimiterAbstract,
  RateLimiterMemory,
  RateLimiterRedis,
  RateLimiterRes,
  type IRateLimiterOptions,
} from 'rate-limiter-flexible';

/** Seconds over which requests are counted. */
export const WINDOW_SECONDS = 60;

/** A failed sign-in counts as so many requests of its address: guessing ends soon, a typing mistake hurts nobody. */
export const FAILED_SIGN_IN = 400;

export interface RateLimitSettings {
  /** How many requests one identity may send in a window; 0 turns this limit off. */
  identity: number;
  /** How many requests one address may send in a window; 0 turns this limit off. */
  address: number;
  /** Counts are shared by all processes where there is a Redis; else each process counts for itself. */
  redisUrl?: string | undefined;
}

/** What is left of a limit. */
export interface RateLimitState {
  kind: RateLimitKind;
  limit: number;
  remaining: number;
  resetSeconds: number;
  exceeded: boolean;
}

export type RateLimitKind = 'identity' | 'address';

/** How long a Redis that hangs may hold requests up before its connection is given up, in milliseconds. */
const HANGING_MS = 500;

/** Counts requests. A Redis that is away is no reason to refuse anybody: then each process counts for itself. */
export class RateLimits {
  private readonly limits = new Map<RateLimitKind, { limit: number; limiter: RateLimiterAbstract }>();
  private readonly redis: Redis | undefined;

  constructor({ redisUrl, identity, address }: RateLimitSettings) {
    if (redisUrl !== undefined && identity + address > 0) {
      this.redis = new Redis(redisUrl, {
        enableOfflineQueue: false,
        maxRetriesPerRequest: 0,
        socketTimeout: HANGING_MS,
      });
      // It comes back by itself; without a listener its absence would end the process.
      this.redis.on('error', () => undefined);
    }
    if (identity > 0) this.limits.set('identity', { limit: identity, limiter: this.limiter('identity', identity) });
    if (address > 0) this.limits.set('address', { limit: address, limiter: this.limiter('address', address) });
  }

  /** Counts `points` requests; null where there is no limit. */
  async take(kind: RateLimitKind, key: string, points = 1): Promise<RateLimitState | null> {
    const found = this.limits.get(kind);
    if (!found) return null;
    const { limit, limiter } = found;
    const counted = await limiter.consume(key, points).catch((refused: unknown) => {
      if (refused instanceof RateLimiterRes) return refused;
      throw refused;
    });
    const exceeded = counted.consumedPoints > limit;
    const resetSeconds = Math.max(1, Math.ceil(counted.msBeforeNext / 1000));
    return { kind, limit, remaining: Math.max(0, limit - counted.consumedPoints), resetSeconds, exceeded };
  }

  async close(): Promise<void> {
    this.redis?.disconnect();
  }

  private limiter(kind: RateLimitKind, points: number): RateLimiterAbstract {
    const options: IRateLimiterOptions = { keyPrefix: `pkgserver-rate:${kind}`, points, duration: WINDOW_SECONDS };
    const memory = new RateLimiterMemory(options);
    if (!this.redis) return memory;
    return new RateLimiterRedis({ ...options, storeClient: this.redis, insuranceLimiter: memory });
  }
}
