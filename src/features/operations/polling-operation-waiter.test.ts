import { expect, it } from 'vitest';
import type { Operation } from '../../database/generated/client.js';
import { EndedHere } from '../../jobs/ended-here.js';
import type { OperationStore } from './operation.store.js';
import { PollingOperationWaiter } from './polling-operation-waiter.js';

it('is told of an end in this process without looking for it', async () => {
  const state = { now: 'running' };
  let asked = 0;
  const store: Pick<OperationStore, 'find' | 'finishedAmong'> = {
    find: async (id) => {
      asked += 1;
      return { id, state: state.now } as Operation;
    },
    // It would wait until its time is up.
    finishedAmong: async () => [],
  };
  const endedHere = new EndedHere();
  const waiter = new PollingOperationWaiter(store as OperationStore, endedHere);
  const waits = ['a', 'a', 'b'].map((id) => waiter.wait(id, 60));
  await expect.poll(() => asked).toBe(3);
  state.now = 'succeeded';
  endedHere.tell('a');
  expect(await Promise.all(waits.slice(0, 2))).toMatchObject([{ state: 'succeeded' }, { state: 'succeeded' }]);
  expect(asked).toBe(5);
  waiter.stop();
  expect(await waits[2]).toMatchObject({ id: 'b' });
});
