import { getEventListeners } from 'node:events';
import { expect, it } from 'vitest';
import { timed } from './timed.js';

const listeners = ({ signal }: AbortController): number => getEventListeners(signal, 'abort').length;

it.each([
  ['ends', async () => 'done'],
  [
    'fails',
    async () => {
      throw new Error('no');
    },
  ],
])('work that %s leaves nothing with the signal of its caller', async (_, work) => {
  const caller = new AbortController();
  let meanwhile = 0;
  const run = async () => {
    meanwhile = listeners(caller);
    return work();
  };
  await timed({}, 'list', caller.signal, run).catch(() => undefined);
  expect([meanwhile, listeners(caller)]).toEqual([1, 0]);
});

it('breaks off with its caller, for the same reason', async () => {
  const caller = new AbortController();
  const until = (signal: AbortSignal) =>
    new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
  const running = timed({}, 'fetch', caller.signal, until);
  const reason = new Error('The worker is stopping.');
  caller.abort(reason);
  await expect(running).rejects.toBe(reason);
});
