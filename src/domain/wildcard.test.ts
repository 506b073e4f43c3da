import { expect, it } from 'vitest';
import { Wildcard } from './wildcard.js';

it.each([
  ['apps/*', ['apps/a', 'apps/'], ['apps', 'apps/a/b', 'my/apps/a']],
  ['apps/**', ['apps', 'apps/a', 'apps/a/b'], ['app', 'my/apps']],
  ['**/prod', ['prod', 'a/prod', 'a/b/prod'], ['prod/a', 'a/prods']],
  ['**', ['', 'a', 'a/b'], []],
  ['a*-*c', ['a-c', 'ab-bc', 'a--c'], ['ac', 'a-c/d', 'a/-c']],
  ['**/x/**/y', ['x/y', 'a/x/b/c/y', 'x/x/y'], ['y/x', 'x', 'x/y/z']],
  ['a.b', ['a.b'], ['axb']],
])('%s', (pattern, matching, others) => {
  const wildcard = new Wildcard(pattern);
  expect(matching.filter((path) => !wildcard.matches(path))).toEqual([]);
  expect(others.filter((path) => wildcard.matches(path))).toEqual([]);
});

it('takes no exponential time', () => {
  expect(new Wildcard('*a'.repeat(120)).matches('a'.repeat(1000) + 'b')).toBe(false);
  expect(new Wildcard('**/a/'.repeat(50) + 'b').matches('a/'.repeat(500))).toBe(false);
});
