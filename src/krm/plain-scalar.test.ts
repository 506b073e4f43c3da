import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseKrm } from './parse.js';
import { PlainScalar } from './plain-scalar.js';
import { strictDocuments } from './strict-yaml.js';
import { DEFAULT_YAML_LIMITS } from './yaml-limits.js';

/** What kubectl reads, beside the checkout; its tests skip where it is not. */
const SCALARS = resolve(import.meta.dirname, '../../../shared/cases/scalars.json');

interface Row {
  yaml: string;
  /** As Go writes it. */
  json?: unknown;
  error?: string;
}

/** Numbers are compared as text: a bigint is exact, and what the test reads from JSON is not. */
function jsonOf(value: unknown): unknown {
  if (value instanceof PlainScalar) return typeof value.value === 'bigint' ? Number(value.value) : value.value;
  if (Array.isArray(value)) return value.map(jsonOf);
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [String(key), jsonOf(item)]));
  return value;
}

const read = (text: string): unknown => jsonOf(strictDocuments(text, DEFAULT_YAML_LIMITS).documents[0]);
const label = (value: string): string | undefined =>
  parseKrm(Buffer.from(`{apiVersion: v1, kind: Pod, metadata: {labels: {a: ${value}}}}`)).objects[0]?.labels.a;

describe('a scalar is read as kubectl reads it', () => {
  it.each([
    ['booleans', { yes: true, On: true, y: true, NO: false, off: false, TRUE: true, tRUE: 'tRUE' }],
    ['null', { '~': null, Null: null, nil: 'nil' }],
    ['octal numbers', { '0644': 420, '-0644': -420, '0o17': 15, '08': 8, '00': 0 }],
    ['other bases', { '0x1F': 31, '0X1f': 31, '0b11': 3, '-0B11': -3, '0b12': '0b12', '0xg': '0xg' }],
    ['underscores', { '1_000': 1000, '1__0': 10, '1_': 1, _1: '_1', '._5': '._5' }],
    ['no sexagesimals, no times', { '190:20:30': '190:20:30', '12:30': '12:30', '2001-01-01': '2001-01-01' }],
    ['floats', { '1e3': 1000, '1.': 1, '.5': 0.5, '-.5': -0.5, '1.50': 1.5, '1e400': '1e400', '1.2.3': '1.2.3' }],
    ['quantities', { '100Mi': '100Mi', '1m': '1m', v1: 'v1', '0.0.0.0/0': '0.0.0.0/0' }],
    ['quoted text', { '"0644"': '0644', "'yes'": 'yes', '!!str 0644': '0644', '! 12': '12' }],
    ['tags', { '!!int "12"': 12, '!!bool "yes"': true, "!!null ''": null, '!!binary aGk=': 'hi', '!own x': 'x' }],
  ])('%s', (_, values) => {
    for (const [text, value] of Object.entries(values))
      expect([text, read(`a: ${text}`)]).toEqual([text, { a: value }]);
  });

  it('whole numbers of 64 bits are exact, larger ones are floats', () => {
    expect(label('9007199254740993')).toBe('9007199254740993');
    expect(label('18446744073709551615')).toBe('18446744073709551615');
    expect(label('-9223372036854775808')).toBe('-9223372036854775808');
    expect(label('18446744073709551616')).toBe('18446744073709552000');
    expect(label('12345678901234567890123')).toBe('1.2345678901234568e+22');
    expect(label('9'.repeat(400))).toBe('9'.repeat(400));
  });

  it('labels and annotations show it, and keys stay as they are written', () => {
    expect([label('yes'), label('0644'), label('1_000'), label('"yes"'), label('~')]).toEqual([
      'true',
      '420',
      '1000',
      'yes',
      undefined,
    ]);
    expect(read('{y: n, 0644: x, <<: {z: 1}}')).toEqual({ y: false, '0644': 'x', z: 1 });
  });
});

describe.skipIf(!existsSync(SCALARS))('every document that was given to kubectl', () => {
  const { rows } = existsSync(SCALARS) ? (JSON.parse(readFileSync(SCALARS, 'utf8')) as { rows: Row[] }) : { rows: [] };

  it.each(rows)('$yaml', ({ yaml, json, error }) => {
    const { parseError, parseWarnings } = parseKrm(Buffer.from(yaml));
    // What kubectl refuses is never read without a word.
    if (error !== undefined) {
      expect(parseError ?? parseWarnings[0]).toEqual(expect.any(String));
      return;
    }
    expect(parseError).toBeNull();
    const value = read(yaml);
    // Keys stay as they are written; one that kubectl reads otherwise comes with a warning.
    if (parseWarnings.length > 0) return;
    expect(value ?? null).toEqual(json);
  });
});
