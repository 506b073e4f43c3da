import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { CONDITIONS, isOwnCondition, type Reason, stated } from '../../src/domain/condition.js';

const TABLE = 'src/domain/condition.ts';
/** What is said of readiness gates, and in examples of what checkers report: no conditions of the service's own. */
const OTHERS = new Set(['NotSet', 'ContentChanged', 'NoFindings']);

const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .map((path) => join('src', path).replaceAll('\\', '/'))
  .filter((file) => file.endsWith('.ts') && !file.includes('/generated/') && !file.endsWith('.test.ts'))
  .map((file) => ({ file, text: readFileSync(file, 'utf8') }));
const rows = Object.entries(CONDITIONS).flatMap(([type, reasons]) =>
  Object.entries(reasons).map(([reason, row]: [string, Reason]) => ({ type, reason, ...row })),
);

it('sets no condition but those of the table, and has each of these somewhere', () => {
  const reasons = new Set(rows.map(({ reason }) => reason));
  const undocumented = sources.flatMap(({ file, text }) =>
    [...text.matchAll(/\breason: '([A-Z]\w*)'/g)].flatMap(([, reason = '']) =>
      reasons.has(reason) || OTHERS.has(reason) ? [] : [`${file}: ${reason}`],
    ),
  );
  expect(undocumented).toEqual([]);
  const used = sources.filter(({ file }) => file !== TABLE);
  const isSaid = (name: string) => used.some(({ text }) => text.includes(`'${name}'`));
  expect(rows.filter(({ type, reason }) => !isSaid(reason) || !isSaid(type))).toEqual([]);
});

it('makes every condition of its own in one place', () => {
  const types = Object.keys(CONDITIONS).join('|');
  const byHand = new RegExp(`\\btype: '(?:${types})',?\\s*\\n?\\s*status:`);
  const makers = sources.filter(({ file, text }) => !file.endsWith('.examples.ts') && byHand.test(text));
  expect(makers.map(({ file }) => file)).toEqual([]);
});

it('says of each in whole sentences what it means, and in its message what to do', () => {
  for (const { type, reason, meaning, status, todo } of rows) {
    expect(isOwnCondition(type)).toBe(true);
    for (const text of [meaning, ...(todo === null ? [] : [todo])]) {
      expect(text, reason).toMatch(/^[A-Z`].*[.]$/s);
    }
    const said = stated(type as 'Ready', reason as 'Timeout', 'It is so.');
    expect(said).toMatchObject({ type, reason, status });
    expect(said.message, reason).toBe(todo === null ? 'It is so.' : `It is so. ${todo}`);
    // What the remote or Git says tells nobody what to do about it.
    if (type === 'Ready' && status === 'False' && reason !== 'RefNotFound') expect(todo, reason).not.toBeNull();
  }
});
