import { expect, it } from 'vitest';
import { notModified } from './etag.js';

it.each([
  ['"a"', true],
  ['W/"a"', true],
  ['"b", W/"a"', true],
  ['*', true],
  ['"b"', false],
  [undefined, false],
])('notModified(%s, a) is %s', (header, expected) => {
  expect(notModified(header, 'a')).toBe(expected);
});
