import { parentPort } from 'node:worker_threads';
import type { ThreadRequest } from './parse-thread.js';
import { JOBS } from './thread-jobs.js';

/** After so many bytes the thread says that it goes on. */
const STEP_BYTES = 64 * 1024;

// What a ParseThread runs: it answers each request in turn, after the word that it is ready.
parentPort?.on('message', ({ job, bytes, lengths, argument }: ThreadRequest) => {
  const run = JOBS[job] as (file: Uint8Array, argument: unknown) => unknown;
  let [end, silent] = [0, 0];
  const results = lengths.map((length) => {
    silent += length;
    if (silent > STEP_BYTES) [silent] = [length, parentPort?.postMessage('next', [])];
    return run(bytes.subarray(end, (end += length)), argument);
  });
  parentPort?.postMessage(results, []);
});
parentPort?.postMessage('ready', []);
