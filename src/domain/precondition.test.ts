import { expect, it } from 'vitest';
import { assertPrecondition, namesEtag } from './precondition.js';

it.each([
  ['"a"', true],
  ['a', true],
  ['*', true],
  ['"x", "a"', true],
  ['W/"a"', false],
  ['"A"', false],
  ['""', false],
  ['"x"', false],
  ['"a', false],
])('namesEtag(%s, a) is %s', (list, expected) => {
  expect(namesEtag(list, 'a')).toBe(expected);
});

it('says what the present entity tag is', () => {
  expect(() => assertPrecondition({ ifMatch: '"x"' }, 'a', 'The thing')).toThrow(
    expect.objectContaining({ code: 'preconditionFailed', data: { currentEtag: 'a' } }),
  );
});
