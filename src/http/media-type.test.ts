import { expect, it } from 'vitest';
import { accepts } from './media-type.js';

it.each([
  [undefined, true],
  ['application/json', true],
  ['application/json;q=0, */*', false],
  ['application/*;q=0.1', true],
  ['application/*;q=0, */*', false],
  ['text/html', false],
  ['*', true],
])('accepts(%s, JSON) is %s', (header, expected) => {
  expect(accepts(header, ['application/json'])).toBe(expected);
});
