import { getEventListeners, once } from 'node:events';
import { expect, it } from 'vitest';
import { joinSignals } from './join-signals.js';

it('aborts with the first that does, and with its reason', () => {
  const [one, two] = [new AbortController(), new AbortController()];
  const { signal } = joinSignals(one.signal, two.signal);
  expect(signal.aborted).toBe(false);
  two.abort('two');
  one.abort('one');
  expect([signal.aborted, signal.reason]).toEqual([true, 'two']);
});

it('has aborted where one had before', () => {
  const { signal } = joinSignals(new AbortController().signal, AbortSignal.abort('late'));
  expect([signal.aborted, signal.reason]).toEqual([true, 'late']);
});

it('leaves nothing behind, and does not abort any more', () => {
  const [one, two] = [new AbortController(), new AbortController()];
  const { signal, leave } = joinSignals(one.signal, two.signal);
  leave();
  expect([one, two].flatMap((each) => getEventListeners(each.signal, 'abort'))).toEqual([]);
  one.abort();
  expect(signal.aborted).toBe(false);
});

it('is joined by as many as there are, without a warning', async () => {
  const long = new AbortController();
  const warned = once(process, 'warning').then(([warning]) => warning as Error);
  const joined = Array.from({ length: 50 }, () => joinSignals(long.signal));
  expect(getEventListeners(long.signal, 'abort')).toHaveLength(50);
  process.emitWarning('mine', 'Sentinel');
  expect((await warned).name).toBe('Sentinel');
  long.abort('all');
  expect(joined.map(({ signal }) => signal.reason as unknown)).toEqual(Array.from({ length: 50 }, () => 'all'));
});
