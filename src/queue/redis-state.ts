import { Redis } from 'ioredis';

export interface RedisState {
  version: string;
  /** What it does when its memory is full. */
  policy: string;
  /** `master`, or `slave`, which takes no changes. */
  role: string;
}

/** What a Redis says of itself, asked once on a connection of its own. Throws where it does not answer. */
export async function redisState(url: string, timeoutMs: number): Promise<RedisState> {
  const redis = new Redis(url, {
    lazyConnect: true,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
  });
  let cause: Error | undefined;
  redis.on('error', (error: Error) => (cause = error));
  try {
    await redis.connect();
    const info = await redis.info();
    const field = (name: string): string => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? 'unknown';
    return { version: field('redis_version'), policy: field('maxmemory_policy'), role: field('role') };
  } catch (error) {
    // What the connection failed of says more than that it is closed.
    throw cause ?? error;
  } finally {
    redis.disconnect();
  }
}
