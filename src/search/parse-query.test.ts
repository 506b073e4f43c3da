import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DomainError } from '../domain/errors.js';
import { parseQuery } from './parse-query.js';

const text = (value: string) => ({ text: value, json: null });
const plain = (value: string) => ({ text: value, json: value });
const kind = (value: string) => ({ field: { name: 'kind' }, operator: '=', values: [text(value)] });

describe('parseQuery', () => {
  it.each<[string, unknown]>([
    ['', null],
    ['  \n ', null],
    ['kind = Pod', kind('Pod')],
    ['kind=Pod', kind('Pod')],
    ['kind = "Pod"', kind('Pod')],
    ["kind = 'Pod'", kind('Pod')],
    ['kind != Pod', { not: kind('Pod') }],
    ['NOT kind = Pod', { not: kind('Pod') }],
    ['NOT(kind = Pod)', { not: kind('Pod') }],
    ['kind = A AND kind = B AND kind = C', { and: ['A', 'B', 'C'].map(kind) }],
    ['kind = A OR kind = B', { or: ['A', 'B'].map(kind) }],
    ['(kind = A OR kind = B) AND kind = C', { and: [{ or: ['A', 'B'].map(kind) }, kind('C')] }],
    ['((kind = A))', kind('A')],
    ['kind IN (A, "B",C)', { field: { name: 'kind' }, operator: '=', values: ['A', 'B', 'C'].map(text) }],
    ['spec.replicas > 3', { field: { keys: ['spec', 'replicas'] }, operator: '>', values: [plain('3')] }],
    ['spec.x = "3"', { field: { keys: ['spec', 'x'] }, operator: '=', values: [text('3')] }],
    ['spec.x = -1.5e3', { field: { keys: ['spec', 'x'] }, operator: '=', values: [{ text: '-1.5e3', json: '-1500' }] }],
    ['spec.x = true', { field: { keys: ['spec', 'x'] }, operator: '=', values: [plain('true')] }],
    ['spec.x = null', { field: { keys: ['spec', 'x'] }, operator: '=', values: [plain('null')] }],
    ...Object.entries({
      ...{ '0644': '420', '0x4': '4', '1_000': '1000', '3.0': '3', '12345678901234567890': '12345678901234567890' },
      ...{ yes: 'true', Off: 'false', '~': 'null', [`1${'0'.repeat(65)}`]: '1e+65' },
      ...{ '1e999': null, '12:30': null, _1: null },
    }).map(([value, json]): [string, unknown] => [
      `spec.x IN (${value}, "${value}")`,
      { field: { keys: ['spec', 'x'] }, operator: '=', values: [{ text: value, json }, text(value)] },
    ]),
    ['spec."a.b".c : x', { field: { keys: ['spec', 'a.b', 'c'] }, operator: ':', values: [text('x')] }],
    ['.data:*', { field: { keys: ['data'] }, operator: 'present', values: [] }],
    ['.kind = x', { field: { keys: ['kind'] }, operator: '=', values: [text('x')] }],
    [
      'label.app.kubernetes.io/name = web',
      { field: { name: 'label', key: 'app.kubernetes.io/name' }, operator: '=', values: [text('web')] },
    ],
    ['label.app:*', { field: { name: 'label', key: 'app' }, operator: 'present', values: [] }],
    ['image = quay.io/a/b:v1', { field: { name: 'image' }, operator: '=', values: [text('quay.io/a/b:v1')] }],
    [
      'publishedAt >= 2026-03-14T09:26:53Z',
      { field: { name: 'publishedAt' }, operator: '>=', values: [text('2026-03-14T09:26:53Z')] },
    ],
    [String.raw`name = "a\"\\\u0041\n"`, { field: { name: 'name' }, operator: '=', values: [text('a"\\A\n')] }],
    [
      'upstream = blueprints/nf/core@v1',
      { field: { name: 'upstream' }, operator: '=', values: [text('blueprints/nf/core@v1')] },
    ],
    ['spec.über = ß', { field: { keys: ['spec', 'über'] }, operator: '=', values: [text('ß')] }],
  ])('reads %s', (query, expected) => {
    expect(parseQuery(query)).toEqual(expected);
  });

  it.each<[string, string, number]>([
    ['kind', 'unexpected', 4],
    ['kind =', 'unexpected', 6],
    ['= Pod', 'unexpected', 0],
    ['kind = Pod name = a', 'unexpected', 11],
    ['kind = Pod and name = a', 'unexpected', 11],
    ['kind = Pod AND', 'unexpected', 14],
    ['kind = Pod OR OR name = a', 'unexpected', 14],
    ['kind = A AND kind = B OR kind = C', 'ambiguous', 22],
    ['(kind = Pod', 'unbalanced', 0],
    ['kind = Pod)', 'unbalanced', 10],
    ['kind = "Pod', 'unbalanced', 7],
    ['kind IN A', 'unexpected', 8],
    ['kind IN (A', 'unbalanced', 8],
    ['kind IN ()', 'unexpected', 9],
    ['replicas > 3', 'unknownField', 0],
    ['kind = A AND colour = red', 'unknownField', 13],
    ['label = a', 'unknownField', 0],
    ['spec..x = 1', 'unexpected', 5],
    ['spec. = 1', 'unexpected', 5],
    ['kind > Pod', 'badType', 5],
    ['latest : t', 'badType', 7],
    ['latest = maybe', 'badValue', 9],
    ['lifecycle = gone', 'badValue', 12],
    ['createdAt > yesterday', 'badValue', 12],
    ['createdAt > 2026-02-31T99:00Z', 'badValue', 12],
    ['upstream = x', 'badValue', 11],
    ['spec.x > true', 'badType', 9],
    ['spec.x > on', 'badType', 9],
    ['kind == Pod', 'unexpected', 6],
    ['kind <> Pod', 'unexpected', 6],
    ['kind IN (A B)', 'unexpected', 11],
    ['(kind = A name = b)', 'unexpected', 10],
    ['-kind = Pod', 'unknownField', 0],
    ['-spec.x = 1', 'unknownField', 0],
    ['-(kind = Pod)', 'unknownField', 0],
    ['name = core-*', 'badValue', 7],
    [String.raw`name = "\x"`, 'badValue', 8],
    [String.raw`name = "\u0000"`, 'badValue', 7],
    [String.raw`name = "\ud800"`, 'badValue', 7],
    ['name = \0', 'badValue', 0],
    [Array.from({ length: 21 }, () => 'kind = A').join(' OR '), 'tooMany', 20 * 12],
    [`kind IN (${Array.from({ length: 51 }, () => 'A').join()})`, 'tooMany', 8],
    [`${'('.repeat(30)}kind = A${')'.repeat(30)}`, 'tooDeep', 21],
    [`${'NOT '.repeat(30)}kind = A`, 'tooDeep', 84],
    [`${'a.'.repeat(30)}b = 1`, 'tooDeep', 0],
    [`kind = "${'x'.repeat(2048)}"`, 'tooLong', 2048],
    ['spec.containers[0] = 1', 'unexpected', 15],
  ])('refuses %s', (query, fault, position) => {
    expect(refusalOf(query)).toMatchObject({ code: 'invalidSearch', data: { position, errors: [{ code: fault }] } });
  });

  it.each([
    ['kind = Pod and name = a', 'AND is written in capitals'],
    ['(kind = Pod or name = a)', 'OR is written in capitals'],
    ['kind in (Pod)', 'IN is written in capitals'],
    ['not kind = Pod', 'NOT is written in capitals'],
    ['kind = A AND not(kind = Pod)', 'NOT is written in capitals'],
    ['-kind = Pod', 'write NOT'],
    ['kind == Pod', 'no operator `==`'],
    ['kind IN (A B)', 'A comma or `)` is expected'],
    ['(kind = A name = b)', 'AND, OR or `)` is expected'],
  ])('says what is meant: %s', (query, hint) => {
    expect(refusalOf(query)?.message).toContain(hint);
  });

  it('gives a query or a refusal with a position, whatever the text is', () => {
    const word = fc.constantFrom(
      'kind',
      'spec.x',
      '.a',
      'label.b',
      'AND',
      'OR',
      'NOT',
      'IN',
      '(',
      ')',
      '=',
      '!=',
      '<',
      ':',
      '*',
      '"a"',
      "'",
      '"',
      '1',
      'true',
      ',',
      '\\',
      '.',
      'é',
      '😀',
    );
    const texts = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.array(word, { maxLength: 30 }).map((words) => words.join(' ')),
      fc.array(word, { maxLength: 30 }).map((words) => words.join('')),
    );
    fc.assert(
      fc.property(texts, (query) => {
        const refusal = refusalOf(query);
        if (refusal === null) return;
        expect(refusal.code).toBe('invalidSearch');
        expect(refusal.data.position).toBeGreaterThanOrEqual(0);
        expect(refusal.data.position).toBeLessThanOrEqual(query.length);
      }),
      { numRuns: 2_000 },
    );
  });
});

function refusalOf(query: string): DomainError | null {
  try {
    parseQuery(query);
    return null;
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
}
