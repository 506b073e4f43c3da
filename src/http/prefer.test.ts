import { expect, it } from 'vitest';
import { preferredWait } from './prefer.js';

it.each([
  [undefined, null],
  ['wait=10', 10],
  ['respond-async; wait=3', null],
  ['respond-async, Wait = "7"; x=y', 7],
  ['wait=500', 30],
  ['wait=-1', null],
  ['wait=', null],
])('preferredWait(%s) is %s', (header, expected) => {
  expect(preferredWait(header)).toBe(expected);
});
