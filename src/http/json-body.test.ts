import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJsonBody } from './json-body.js';

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
