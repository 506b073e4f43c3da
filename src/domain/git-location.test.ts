import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { directoriesOverlap, normalizeBranch, normalizeDirectory } from './git-location.js';

describe('normalizeDirectory', () => {
  it.each([
    ['', ''],
    ['/', ''],
    ['/a/b/', 'a/b'],
    ['a', 'a'],
    ['Pakete/größe', 'Pakete/größe'],
  ])('%j is %j', (given, expected) => {
    expect(normalizeDirectory(given)).toBe(expected);
  });

  it.each([
    '..',
    'a/../b',
    './a',
    'a//b',
    '.git',
    'a/.GIT/b',
    'a\\b',
    'a b',
    'a\0',
    'a.lock/b',
    'a:b',
    'x'.repeat(1025),
  ])('refuses %j', (given) => {
    expect(() => normalizeDirectory(given)).toThrow();
  });
});

describe('normalizeBranch', () => {
  it.each([
    ['main', 'main'],
    ['refs/heads/release/1.x', 'release/1.x'],
  ])('%s is %s', (given, expected) => {
    expect(normalizeBranch(given)).toBe(expected);
  });

  it.each([
    '',
    'HEAD',
    'drafts',
    'drafts/x',
    'proposed/a',
    'deletionProposed',
    '@',
    'a..b',
    '-a',
    'a/',
    '/a',
    'a.lock',
    'a~1',
    'a^',
    'refs/tags/v1',
    'a@{1}',
    'a.',
    'a b',
  ])('refuses %j', (given) => {
    expect(() => normalizeBranch(given)).toThrow();
  });
});

describe('directoriesOverlap', () => {
  const directory = fc.array(fc.constantFrom('a', 'b', 'ab'), { maxLength: 4 }).map((parts) => parts.join('/'));

  it('is symmetric, and holds for a directory and all that is below it', () => {
    fc.assert(
      fc.property(directory, directory, (left, right) => {
        expect(directoriesOverlap(left, right)).toBe(directoriesOverlap(right, left));
        expect(directoriesOverlap(left, [left, right].filter((part) => part !== '').join('/'))).toBe(true);
      }),
    );
  });

  it.each([
    ['a', 'ab'],
    ['a/b', 'a/c'],
    ['a/b', 'b'],
  ])('lets %s and %s be', (left, right) => {
    expect(directoriesOverlap(left, right)).toBe(false);
  });
});
