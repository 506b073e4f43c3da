import type { Reader } from './reader.js';

/** One environment variable: how it is read, what it does, and the processes that heed it. */
export interface Variable<Value> {
  reads: Reader<Value>;
  /** What docs/configuration.md says of the variable: whole sentences in Markdown. */
  meaning: string;
  holds: 'everywhere' | 'api' | 'worker';
}

export const everywhere = <Value>(reads: Reader<Value>, meaning: string): Variable<Value> => ({
  reads,
  meaning,
  holds: 'everywhere',
});
export const api = <Value>(reads: Reader<Value>, meaning: string): Variable<Value> => ({
  reads,
  meaning,
  holds: 'api',
});
export const worker = <Value>(reads: Reader<Value>, meaning: string): Variable<Value> => ({
  reads,
  meaning,
  holds: 'worker',
});
