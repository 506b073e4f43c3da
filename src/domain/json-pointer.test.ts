import { expect, it } from 'vitest';
import { jsonPointer } from './json-pointer.js';

it.each<[PropertyKey[], string]>([
  [[], ''],
  [['a', 0, 'b'], '/a/0/b'],
  [['a/b', 'm~n', '~1'], '/a~1b/m~0n/~01'],
])('writes %j as %s', (path, pointer) => {
  expect(jsonPointer(path)).toBe(pointer);
});
