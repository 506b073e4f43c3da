import { describe, expect, it } from 'vitest';
import { checkPackagePath, PATH_SEGMENT, refsClash, REPOSITORY_NAME } from './naming.js';

describe('names', () => {
  it.each([
    ['a', true],
    ['a-1', true],
    ['a'.repeat(63), true],
    ['a'.repeat(64), false],
    ['', false],
    ['-a', false],
    ['a-', false],
    ['a.b', false],
    ['A', false],
    ['a\n', false],
  ])('of repositories and workspaces: %j %s', (name, expected) => {
    expect(REPOSITORY_NAME.test(name)).toBe(expected);
  });

  it('of path segments may hold dots and underscores inside', () => {
    expect(['a.b', 'a_b', 'a--b'].filter((name) => PATH_SEGMENT.test(name))).toHaveLength(3);
    expect(['.a', 'a.', '_a', 'a/b', ''].filter((name) => PATH_SEGMENT.test(name))).toEqual([]);
  });
});

describe('checkPackagePath', () => {
  it.each(['a', 'a/b/c', 'drafts/a', 'proposed', 'a.b', 'lock', 'a.lockx'])('accepts %s', (path) => {
    expect(checkPackagePath(path)).toEqual([]);
  });

  it.each(['', '/a', 'a/', 'a//b', '..', 'a..b', 'a.lock', 'a.lock/b', 'a/B', '.git', 'a b', 'a@{b'])(
    'refuses %j',
    (path) => {
      expect(checkPackagePath(path, { pointer: '/realm' })[0]).toMatchObject({
        pointer: '/realm',
        code: 'invalidName',
      });
    },
  );

  it('leaves room for the longest ref, the directory included', () => {
    const path = `${'a/'.repeat(450)}a`;
    // refs/heads/deletionProposed/ + path + / + 63
    expect(checkPackagePath(path, { directory: 'd'.repeat(6) })).toEqual([]);
    expect(checkPackagePath(path, { directory: 'd'.repeat(8) })).toHaveLength(1);
  });
});

describe('refsClash', () => {
  const existing = [
    { directory: 'a', leaf: 'b' },
    { directory: 'x/y', leaf: 'v2' },
  ];
  it.each([
    ['below a workspace', { directory: 'a/b', leaf: 'w' }, existing[0]],
    ['far below a workspace', { directory: 'a/b/c', leaf: 'w' }, existing[0]],
    ['a workspace above a package', { directory: 'x', leaf: 'y' }, existing[1]],
    ['a workspace far above a package', { directory: 'r', leaf: 'x' }, null],
    ['below a tag that may come', { directory: 'a/v1', leaf: 'w' }, existing[0]],
    ['below a tag that may come, deeper', { directory: 'x/y/v10/z', leaf: 'w' }, existing[1]],
    ['beside', { directory: 'a/c', leaf: 'w' }, null],
    ['another workspace', { directory: 'a', leaf: 'c' }, null],
    ['the same workspace, which is no matter of refs', { directory: 'a', leaf: 'b' }, null],
    ['a longer name', { directory: 'a/bc', leaf: 'w' }, null],
    ['a name like a version', { directory: 'a/v1x', leaf: 'w' }, null],
    ['a folder like a version', { directory: 'v1/a', leaf: 'w' }, null],
  ])('%s', (_, next, expected) => {
    expect(refsClash(existing, next)).toBe(expected);
  });

  it('sees a package that has another below its future tags', () => {
    const other = { directory: 'a/v1/b', leaf: 'w' };
    expect(refsClash([other], { directory: 'a', leaf: 'x' })).toBe(other);
  });
});
