import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readDocuments } from '../parse.js';
import { DEFAULT_YAML_LIMITS } from '../yaml-limits.js';
import { fieldPath, parseFieldPath, type Step } from './field-path.js';
import { isSameQuantity } from './quantity.js';
import { isSame, type Json, toJson } from './values.js';

/** What kubectl reads, beside the checkout; its tests skip where it is not. */
const SCALARS = resolve(import.meta.dirname, '../../../../shared/cases/scalars.json');

interface Row {
  yaml: string;
  json?: unknown;
  error?: string;
}

function read(text: string): unknown {
  const found = readDocuments(Buffer.from(text), DEFAULT_YAML_LIMITS);
  return 'documents' in found && found.warnings.length === 0 ? (found.documents[0] ?? null) : 'unread';
}

/** What the test reads from JSON is not exact. */
const rounded = (value: Json): unknown =>
  JSON.parse(JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? Number(item) : item)));

/** A few of its own, since the others are not everywhere. */
const OWN: Row[] = [
  { yaml: 'a: yes', json: { a: true } },
  { yaml: 'a: 0644', json: { a: 420 } },
  { yaml: 'a: 1_000', json: { a: 1000 } },
  { yaml: 'a: 12:30', json: { a: '12:30' } },
  { yaml: 'a: 2001-01-01', json: { a: '2001-01-01' } },
  { yaml: 'a: &x {b: 1}\nc: {<<: *x, d: 2}', json: { a: { b: 1 }, c: { b: 1, d: 2 } } },
  { yaml: 'a: [~, "", null]', json: { a: [null, '', null] } },
  { yaml: '{"__proto__": 1}', json: JSON.parse('{"__proto__": 1}') },
];
const GIVEN = existsSync(SCALARS) ? (JSON.parse(readFileSync(SCALARS, 'utf8')) as { rows: Row[] }).rows : [];

describe('values', () => {
  it.each([...OWN, ...GIVEN.filter(({ error }) => error === undefined)])(
    'are what kubectl reads: $yaml',
    ({ yaml, json }) => {
      const value = read(yaml);
      // Keys that kubectl reads otherwise, and those that come twice, have a warning.
      if (value === 'unread') return;
      expect(rounded(toJson(value))).toEqual(json);
      // Written as JSON it is the same, where no number is rounded by that.
      if (!/\d{16}/.test(yaml)) expect(isSame(value, read(JSON.stringify(json)))).toBe(true);
    },
  );

  it('differ where kubectl reads something else', () => {
    const same = (a: string, b: string): boolean => isSame(read(a), read(b));
    expect(['0644', '0o644', '0x1a4', '4.2e2'].map((text) => same(text, '420'))).toEqual([true, true, true, true]);
    expect(['"420"', '644', '420.5', '[420]'].map((text) => same(text, '420'))).toEqual([false, false, false, false]);
    expect([same('"yes"', 'yes'), same('on', 'yes'), same('{a: ~}', '{}'), same('[]', '{}')]).toEqual([
      false,
      true,
      false,
      false,
    ]);
    expect(same('18446744073709551615', '18446744073709551614')).toBe(false);
  });
});

describe('quantities', () => {
  it.each([
    ['1000m', 1, true],
    ['1Gi', '1024Mi', true],
    ['1.5', '1500m', true],
    ['.5', '5e-1', true],
    ['1k', '1000', true],
    ['0', '0Mi', true],
    ['1G', '1Gi', false],
    ['1', '1m', false],
    ['1E', '1e18', true],
    ['100n', '0.1u', true],
    ['', '', false],
    ['abc', 'abc', false],
    ['1 ', '1', false],
    [true, 1, false],
  ])('%s and %s: %s', (a, b, expected) => {
    expect(isSameQuantity(a, b)).toBe(expected);
    expect(isSameQuantity(b, a)).toBe(expected);
  });
});

describe('field paths', () => {
  const paths: [Step[], string][] = [
    [[], ''],
    [['spec', 'replicas'], 'spec.replicas'],
    [['containers', { keys: [['name', 'main']] }, 'image'], 'containers[name=main].image'],
    [
      [
        'ports',
        {
          keys: [
            ['port', 80],
            ['protocol', 'TCP'],
          ],
        },
      ],
      'ports[port=80,protocol=TCP]',
    ],
    [['ports', { keys: [['port', '80']] }], 'ports[port="80"]'],
    [['metadata', 'labels', 'app.kubernetes.io/name'], 'metadata.labels."app.kubernetes.io/name"'],
    [['finalizers', { value: 'x.io/a' }], 'finalizers[=x.io/a]'],
    [['tags', { value: 12345678901234567890n }, { value: null }], 'tags[=12345678901234567890][=null]'],
    [['', 'a "b" \\c', '[x]', { keys: [['a=b', ']"']] }], '""."a \\"b\\" \\\\c"."[x]"["a=b"="]\\""]'],
    [['a', '1', 'true', { value: 'true' }, { value: '1.5' }], 'a.1.true[="true"][="1.5"]'],
  ];

  it.each(paths)('are written and read: %#', (steps, text) => {
    expect(fieldPath(steps)).toBe(text);
    expect(parseFieldPath(text)).toEqual(steps);
  });

  it.each(['a..b', 'a[', 'a[]', 'a[b]', 'a]', '.a', 'a b', 'a["x]', '"a"'])('does not take %s', (text) => {
    expect(parseFieldPath(text)).toBeNull();
  });
});
