import { expect, it } from 'vitest';
import { nearest } from './nearest.js';

const at = (path: string, repositoryId = 'one') => ({ id: `${repositoryId}/${path}`, repositoryId, path });
const own = at('a/b/app');

it.each([
  ['the nearest', [at('a/x'), at('a/b/crd')], 'one/a/b/crd'],
  ['the first by path of those as near', [at('a/b/z'), at('a/b/c')], 'one/a/b/c'],
  ['one beside it before one that holds it', [at('a/b'), at('x')], 'one/x'],
  ['one that holds it where there is no other', [at('a')], 'one/a'],
  ['one of its own repository before a like place of another', [at('a/b/crd', 'two'), at('a/z')], 'one/a/z'],
  ['never itself', [own], undefined],
])('gives %s', (_, others, expected) => {
  expect(nearest(own, others)?.id).toBe(expected);
});
