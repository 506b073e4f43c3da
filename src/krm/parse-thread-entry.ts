import { parentPort } from 'node:worker_threads';
import { parseKrm } from './parse.js';
import type { ParseRequest } from './parse-thread.js';

// What a ParseThread runs: it answers each request in turn, after the word that it is ready.
parentPort?.on('message', ({ bytes, lengths, limits }: ParseRequest) => {
  let end = 0;
  const parsed = lengths.map((length) => parseKrm(bytes.subarray(end, (end += length)), limits));
  parentPort?.postMessage(parsed, []);
});
parentPort?.postMessage('ready', []);
