import { setTimeout as sleep } from 'node:timers/promises';
import { createPostgresBackend } from 'bullmq';

/** Before a connection that failed is tried again. */
const PAUSE_MS = 100;

/** What BullMQ's backend and its connection keep to themselves; a test tells when that changes. */
interface Readiness {
  waitUntilReady(): Promise<void>;
  readyPromise?: Promise<void> | undefined;
}

/**
 * BullMQ's backend on PostgreSQL remembers for ever when its very first connection fails. A worker then asks it again and
 * again without a pause, and never comes to anything else: not even to a signal that tells it to stop. This one forgets
 * the failure and connects anew.
 */
export const untiring: typeof createPostgresBackend = (...parameters) => {
  const backend = createPostgresBackend(...parameters);
  const { connection } = backend as unknown as { connection: Readiness };
  for (const part of [connection, backend as unknown as Readiness]) {
    const ready = part.waitUntilReady.bind(part);
    part.waitUntilReady = async () => {
      try {
        await ready();
      } catch (error) {
        part.readyPromise = undefined;
        await sleep(PAUSE_MS);
        throw error;
      }
    };
  }
  return backend;
};
