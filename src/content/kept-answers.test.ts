import { expect, it } from 'vitest';
import { KeptAnswers } from './kept-answers.js';

it('computes an answer once, for those who ask at a time and for those after them', async () => {
  const answers = new KeptAnswers<{ weight: number }>(1024 * 1024);
  let computed = 0;
  const compute = async () => ({ weight: ++computed });
  expect(await Promise.all([answers.get('a', compute), answers.get('a', compute)])).toEqual([
    { weight: 1 },
    { weight: 1 },
  ]);
  expect(await answers.get('a', compute)).toEqual({ weight: 1 });
  expect(await answers.get('b', compute)).toEqual({ weight: 2 });
});

it('computes an answer again after it failed', async () => {
  const answers = new KeptAnswers<{ weight: number }>(1024 * 1024);
  const failing = answers.get('a', () => Promise.reject(new Error('the thread ended')));
  await expect(failing).rejects.toThrow('the thread ended');
  expect(await answers.get('a', async () => ({ weight: 1 }))).toEqual({ weight: 1 });
});

it('computes an answer once more for those who waited beside somebody whose work has failed', async () => {
  const answers = new KeptAnswers<{ weight: number }>(1024 * 1024);
  const failing = answers.get('a', () => Promise.reject(new Error('the replica is gone')));
  let computed = 0;
  const beside = [1, 2, 3].map(() => answers.get('a', async () => ({ weight: ++computed })));
  await expect(failing).rejects.toThrow('the replica is gone');
  expect(await Promise.all(beside)).toEqual([{ weight: 1 }, { weight: 1 }, { weight: 1 }]);
});

it('keeps no more than its weight', async () => {
  const answers = new KeptAnswers<{ weight: number; n: number }>(20 * 1024);
  let n = 0;
  const compute = async () => ({ weight: 10 * 1024, n: ++n });
  for (const key of ['a', 'b', 'a', 'b']) await answers.get(key, compute);
  expect(n).toBe(4);
});
