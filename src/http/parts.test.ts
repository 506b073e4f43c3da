import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DomainError, ERROR_CODES } from '../domain/errors.js';
import { notModified } from './etag.js';
import { parseJsonBody } from './json-body.js';
import { accepts } from './media-type.js';
import { readCursor, writeCursor } from './schema/pagination.js';
import { preferredWait } from './prefer.js';
import { PROBLEMS, storedProblem, toProblem } from './problem.js';
import { RouteTable } from './route-table.js';

describe('cursors', () => {
  const key = fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1, maxLength: 3 });

  it('come back as they were, for the same list and filter only', () => {
    fc.assert(
      fc.property(key, fc.jsonValue(), fc.jsonValue(), (given, scope, other) => {
        const cursor = writeCursor(given, scope);
        expect(readCursor(cursor, scope)).toEqual(given);
        fc.pre(JSON.stringify(scope) !== JSON.stringify(other));
        expect(() => readCursor(cursor, other)).toThrow(DomainError);
      }),
    );
  });

  it('are refused, whatever else the text is', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(() => readCursor(text, 's')).toThrow(expect.objectContaining({ code: 'invalidCursor' }));
      }),
    );
  });
});

describe('parseJsonBody', () => {
  it('reads what JSON can write', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 8, noUnicodeString: false }), (value) => {
        const text = JSON.stringify(value);
        fc.pre(!text.includes('__proto__'));
        expect(parseJsonBody(Buffer.from(text))).toEqual(JSON.parse(text));
      }),
    );
  });

  it.each([
    ['64 levels', 64, true],
    ['65 levels', 65, false],
    ['a million levels', 1_000_000, false],
  ])('judges %s', (_, depth, fine) => {
    const parse = () => parseJsonBody(Buffer.from('['.repeat(depth) + ']'.repeat(depth)));
    if (fine) expect(parse).not.toThrow();
    else expect(parse).toThrow(expect.objectContaining({ code: 'malformedBody' }));
  });

  it('never quotes the body', () => {
    expect(() => parseJsonBody(Buffer.from('{"password":"hunter2'))).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('hunter2') }),
    );
  });
});

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

it('knows the methods of a path, and no path that only looks like one', () => {
  const routes = new RouteTable();
  routes.add('GET', '/a/:id');
  routes.add('DELETE', '/a/:id');
  routes.add('GET', '/a.b');
  expect(routes.methodsOf('/a/1')).toEqual(['DELETE', 'GET']);
  for (const path of ['/a', '/a/', '/a/1/2', '/axb', '/b/1']) expect(routes.methodsOf(path)).toEqual([]);
});

describe('problems', () => {
  it('give every code a status that fits it', () => {
    const codes = Object.keys(PROBLEMS).sort();
    expect(codes).toEqual([...ERROR_CODES].sort());
    for (const { status, title } of Object.values(PROBLEMS)) {
      expect(status).toBeGreaterThanOrEqual(400);
      expect(title).not.toBe('');
    }
  });

  it('let no extension member replace a member of the standard', () => {
    const members = { status: 200, title: 'x', lifecycle: 'draft' };
    const error = new DomainError('stateConflict', 'No.', members);
    expect(toProblem(error)).toMatchObject({ status: 409, title: PROBLEMS.stateConflict.title, lifecycle: 'draft' });
  });

  it('are made of what an operation stored, and of nothing else', () => {
    expect(storedProblem({ code: 'drift', detail: 'Changed.', data: { files: ['a'] } })).toMatchObject({
      status: 409,
      code: 'drift',
      detail: 'Changed.',
      files: ['a'],
    });
    expect(storedProblem({ code: 'madeUp' })).toMatchObject({ status: 500, code: 'internal' });
  });
});
