import { setTimeout as sleep } from 'node:timers/promises';

/** Looks five times a second, for a minute at most. */
export async function until(signal: AbortSignal, holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 60_000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error('It took longer than a minute.');
    await sleep(200, undefined, { signal });
  }
}
