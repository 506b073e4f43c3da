import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

interface Row {
  check: string;
  file: string;
  test?: string;
  replace?: string;
}

const ROOT = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, ROOT), 'utf8');
const rows = JSON.parse(read('scripts/planted-faults.json')) as Row[];

// `npm run test:checks` takes hours, so that a row that code has moved away from would be found late.
it('a fault can be planted for each row of scripts/planted-faults.json', () => {
  const lost = rows.filter(({ file, replace, test }) => {
    if (test !== undefined && !existsSync(new URL(test, ROOT))) return true;
    // What is built is there only where somebody has built it.
    if (file.startsWith('dist/') && !existsSync(new URL(file, ROOT))) return false;
    return replace !== undefined && read(file).split(replace).length !== 2;
  });
  expect(rows.length).toBeGreaterThan(100);
  expect(lost.map(({ check }) => check)).toEqual([]);
});
