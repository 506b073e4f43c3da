import { expect, it } from 'vitest';
import { csvCell } from './csv.js';

it.each([
  ['plain', 'plain'],
  ['a,b', '"a,b"'],
  ['say "x"', '"say ""x"""'],
  ['two\nlines', '"two\nlines"'],
  ['=HYPERLINK("x")', '"\'=HYPERLINK(""x"")"'],
  ['+1', "'+1"],
  ['-1', "'-1"],
  ['@sum', "'@sum"],
  ['\tx', "'\tx"],
  [null, ''],
  [undefined, ''],
  [-3, '-3'],
])('writes %j as %j', (value, cell) => {
  expect(csvCell(value)).toBe(cell);
});
