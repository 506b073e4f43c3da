import { getEventListeners } from 'node:events';
import { expect, it } from 'vitest';
import { interruptible, type Lease } from './lease.js';

it('a lease that ends with its worker is forgotten by the worker once it is given back', async () => {
  const [lost, stopping] = [new AbortController(), new AbortController()];
  let released = 0;
  const lease = { signal: lost.signal, assertHeld: async () => {}, release: async () => void (released += 1) };
  const listeners = () => [lost, stopping].map(({ signal }) => getEventListeners(signal, 'abort').length);
  const first = interruptible(lease as unknown as Lease, stopping.signal);
  expect(listeners()).toEqual([1, 1]);
  await first.release();
  expect([released, ...listeners()]).toEqual([1, 0, 0]);
  const second = interruptible(lease as unknown as Lease, stopping.signal);
  stopping.abort('stop');
  expect([first.signal.aborted, second.signal.reason]).toEqual([false, 'stop']);
});
