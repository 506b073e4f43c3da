import { setMaxListeners } from 'node:events';

/** A signal that aborts with others. */
export interface JoinedSignal {
  readonly signal: AbortSignal;
  /** Nothing aborts it any more, and none of the others remembers it. */
  leave(): void;
}

/**
 * Aborts as soon as one of the signals does, with its reason, until it is left. `AbortSignal.any` would do, but leaves something
 * behind in each signal that lives on, such as that of a process: Node.js 20 keeps a reference for every signal that was ever made of it.
 */
export function joinSignals(...signals: readonly AbortSignal[]): JoinedSignal {
  const joined = new AbortController();
  const leaving: (() => void)[] = [];
  for (const signal of signals) {
    const abort = () => joined.abort(signal.reason);
    if (signal.aborted) abort();
    // A signal may be joined by as much work as there is at once: by itself Node.js warns of a leak beyond ten.
    setMaxListeners(0, signal);
    signal.addEventListener('abort', abort, { once: true });
    leaving.push(() => signal.removeEventListener('abort', abort));
  }
  return {
    signal: joined.signal,
    leave: () => {
      for (const leave of leaving) leave();
    },
  };
}
