import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PathPattern } from './path-pattern.js';

describe('PathPattern', () => {
  it.each([
    ['core', 'core', true],
    ['core', 'core/a', false],
    ['core', 'cores', false],
    ['edge*/**', 'edge-1/core', true],
    ['edge*/**', 'edge/a/b', true],
    ['edge*/**', 'edge-1', false],
    ['edge*/**', 'edges', false],
    ['edge*', 'edge-1', true],
    ['edge*', 'edge-1/core', false],
    ['*/core', 'edge-1/core', true],
    ['*/core', 'core', false],
    ['*/core', 'a/b/core', false],
    ['a/**', 'a', false],
    ['a/**', 'a/b', true],
    ['a.b/**', 'axb/c', false],
    ['a+(b)|[c]', 'a+(b)|[c]', true],
    ['a', 'a\nb', false],
  ])('%s and %s: %s', (pattern, path, expected) => {
    expect(PathPattern.parse(pattern).matches(path)).toBe(expected);
  });

  it.each(['', '/', 'a/', '/a', 'a//b', '**', '**/a', 'a/**/b', 'a**', 'a*b', '*a', 'a\0', 'x'.repeat(1025)])(
    'refuses %j',
    (text) => {
      expect(() => PathPattern.parse(text)).toThrow(expect.objectContaining({ code: 'invalidPath' }));
    },
  );

  it('matches only what begins with its prefix', () => {
    const segment = fc.stringMatching(/^[ab.%_\\-]{1,3}$/);
    const pattern = fc
      .tuple(fc.array(fc.tuple(segment, fc.boolean()), { minLength: 1, maxLength: 3 }), fc.boolean())
      .map(([parts, deep]) =>
        [...parts.map(([text, star]) => text + (star ? '*' : '')), ...(deep ? ['**'] : [])].join('/'),
      );
    const path = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
    fc.assert(
      fc.property(pattern, path, (text, candidate) => {
        const parsed = PathPattern.parse(text);
        return !parsed.matches(candidate) || candidate.startsWith(parsed.prefix);
      }),
    );
  });
});
