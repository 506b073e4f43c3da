import { setTimeout as sleep } from 'node:timers/promises';
import { createPostgresBackend } from 'bullmq';

/** Pause before BullMQ tries a connection again that failed, in milliseconds. */
const PAUSE_MS = 100;

/** Private members of BullMQ's backend and of its connection; a test fails when BullMQ changes them. */
interface Readiness {
  waitUntilReady(): Promise<void>;
  readyPromise?: Promise<void> | undefined;
}

interface Named {
  setListenClientName(name: string): Promise<void>;
}

/**
 * BullMQ's backend on PostgreSQL remembers for ever when its very first connection fails. A worker then asks it again and
 * again without a pause, and never comes to anything else: not even to a signal that tells it to stop. This one forgets
 * the failure and connects anew. And its connection that listens keeps the name that the others have, instead of one in
 * base64 which tells an operator nothing.
 */
export const untiring: typeof createPostgresBackend = (...parameters) => {
  const backend = createPostgresBackend(...parameters);
  const { connection } = backend as unknown as { connection: Readiness & Named };
  connection.setListenClientName = async () => undefined;
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
