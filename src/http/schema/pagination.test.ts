import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DomainError } from '../../domain/errors.js';
import { readCursor, writeCursor } from './pagination.js';

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
