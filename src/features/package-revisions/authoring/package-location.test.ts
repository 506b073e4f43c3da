import { describe, expect, it } from 'vitest';
import { assertNoClash, newIdentity } from './package-location.js';

const catalog = { deployment: false, directory: 'packages' };
const deployment = { deployment: true, directory: '' };

describe('newIdentity', () => {
  it.each([
    [{ package: 'c' }, catalog, { path: 'c', target: null, realm: '', package: 'c' }],
    [{ realm: 'a/b', package: 'c' }, catalog, { path: 'a/b/c', target: null, realm: 'a/b', package: 'c' }],
    [{ realm: '', package: 'c' }, deployment, { path: 'c', target: null, realm: '', package: 'c' }],
    [{ target: 'a', package: 'd' }, deployment, { path: 'a/d', target: 'a', realm: '', package: 'd' }],
    [
      { target: 'a', realm: 'b/c', package: 'd' },
      deployment,
      { path: 'a/b/c/d', target: 'a', realm: 'b/c', package: 'd' },
    ],
  ])('%j', (location, repository, expected) => {
    expect(newIdentity(location, repository)).toEqual(expected);
  });

  it.each([
    [{}, catalog, '/package'],
    [{ target: 'a', package: 'c' }, catalog, '/target'],
    [{ realm: 'a', package: 'c' }, deployment, '/target'],
    [{ target: 'a/b', package: 'c' }, deployment, '/target'],
    [{ target: 'a', realm: '/b', package: 'c' }, deployment, '/realm'],
    [{ package: 'c.lock' }, catalog, '/package'],
    [{ package: '' }, catalog, '/package'],
    [{ realm: Array(20).fill('x'.repeat(60)).join('/'), package: 'c' }, catalog, '/realm'],
  ])('refuses %j', (location, repository, pointer) => {
    expect(() => newIdentity(location, repository)).toThrow(
      expect.objectContaining({
        data: { errors: expect.arrayContaining([expect.objectContaining({ pointer })]) as unknown },
      }),
    );
  });
});

describe('assertNoClash', () => {
  const clash = (next: [string, string], other: [string, string]) => () =>
    assertNoClash({ path: next[0], leaf: next[1] }, [{ path: other[0], leaf: other[1] }], catalog, () => true);

  it.each<[[string, string], [string, string]]>([
    [
      ['a/b', 'w'],
      ['a', 'b'],
    ],
    [
      ['a/b/c', 'w'],
      ['a', 'b'],
    ],
    [
      ['a', 'b'],
      ['a/b', 'w'],
    ],
    [
      ['a/v1', 'w'],
      ['a', 'w'],
    ],
  ])('refuses %j beside %j', (next, other) => {
    expect(clash(next, other)).toThrow(expect.objectContaining({ code: 'nameConflict' }));
  });

  it.each<[[string, string], [string, string]]>([
    [
      ['a/bc', 'w'],
      ['a', 'b'],
    ],
    [
      ['a', 'x'],
      ['a', 'b'],
    ],
    [
      ['ab', 'w'],
      ['a', 'b'],
    ],
    [
      ['b/a', 'w'],
      ['a', 'b'],
    ],
  ])('takes %j beside %j', (next, other) => {
    expect(clash(next, other)).not.toThrow();
  });
});
