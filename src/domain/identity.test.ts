import { describe, expect, it } from 'vitest';
import { packageDirectory, packageIdentity, packagePath, pathBelowDirectory, revisionName } from './identity.js';
import { readRef } from './ref-layout.js';

/** What a tag or branch says about a package in a repository without `directory`; null when it is ignored. */
function identify(ref: string, deployment: boolean): object | null {
  const meaning = readRef(ref);
  if (!meaning || meaning.directory === null) return null;
  const path = pathBelowDirectory('', meaning.directory);
  if (path === null) return null;
  const { target, realm, package: name } = packageIdentity(path, { deployment, directory: '' });
  return { target, realm, package: name, leaf: 'revision' in meaning ? meaning.revision : meaning.workspace };
}

describe('tags and branches tell the package', () => {
  const catalog = (realm: string, name: string) => ({ target: null, realm, package: name });
  const deployed = (target: string | null, realm: string, name: string) => ({ target, realm, package: name });
  it.each([
    ['a/b/c', false, catalog('a/b', 'c')],
    ['c', false, catalog('', 'c')],
    [null, false, null],
    ['a/b/c/d', true, deployed('a', 'b/c', 'd')],
    ['a/d', true, deployed('a', '', 'd')],
    ['c', true, deployed(null, '', 'c')],
    [null, true, null],
  ])('%s (deployment: %s)', (directory, deployment, expected) => {
    const below = directory === null ? '' : `${directory}/`;
    expect(identify(`refs/tags/${below}v3`, deployment)).toEqual(expected && { ...expected, leaf: 'v3' });
    expect(identify(`refs/heads/${below}ws3`, deployment)).toEqual(expected && { ...expected, leaf: 'ws3' });
    if (directory !== null) {
      expect(identify(`refs/heads/drafts/${below}ws3`, deployment)).toEqual({ ...expected, leaf: 'ws3' });
    }
  });
});

describe('paths', () => {
  it('are relative to the directory, by whole segments', () => {
    expect(pathBelowDirectory('catalog', 'catalog/gcp/bucket')).toBe('gcp/bucket');
    expect(pathBelowDirectory('catalog', 'catalog')).toBe('');
    expect(pathBelowDirectory('catalog', 'catalog2/gcp')).toBeNull();
    expect(pathBelowDirectory('catalog', 'cat')).toBeNull();
    expect(pathBelowDirectory('', '')).toBeNull();
    expect(packageDirectory('catalog', 'gcp/bucket')).toBe('catalog/gcp/bucket');
    expect(packageDirectory('catalog', '')).toBe('catalog');
    expect(packageDirectory('', 'gcp')).toBe('gcp');
  });

  it.each([
    ['a/b/c', false],
    ['c', false],
    ['a/b/c/d', true],
    ['a/d', true],
    ['c', true],
  ])('are made of what was read from them: %s', (path, deployment) => {
    expect(packagePath(packageIdentity(path, { deployment, directory: '' }))).toBe(path);
  });

  it('take the name of the directory when that is the package', () => {
    expect(packageIdentity('', { deployment: false, directory: 'a/web' })).toMatchObject({ package: 'web', realm: '' });
    expect(packageIdentity('', { deployment: true, directory: 'a/web' })).toMatchObject({
      package: 'web',
      target: null,
    });
  });
});

describe('revisionName', () => {
  const name = (deployment: boolean, path: string, workspace = 'w') =>
    revisionName(
      { name: 'repo', deployment, directory: '' },
      packageIdentity(path, { deployment, directory: '' }),
      workspace,
    );

  it('joins the parts and keeps empty ones', () => {
    expect(name(false, 'a/b/c')).toBe('catalog.repo.a:b.c.w');
    expect(name(false, 'c')).toBe('catalog.repo..c.w');
    expect(name(true, 'a/b/c/d')).toBe('a.repo.b:c.d.w');
    expect(name(true, 'c')).toBe('.repo..c.w');
  });

  it('writes dots so that two packages never share a name', () => {
    expect(name(false, 'a.b/c')).toBe('catalog.repo.a~b.c.w');
    expect(name(false, 'a/b.c', 'v1.2')).toBe('catalog.repo.a.b~c.v1~2');
  });

  it.each([false, true])(
    'tells the directory that is a package from one of its name right below it: %s',
    (deployment) => {
      const repository = { name: 'repo', deployment, directory: 'p/foo' };
      const names = ['', 'foo', 'foo/foo'].map((path) =>
        revisionName(repository, packageIdentity(path, repository), 'w'),
      );
      expect(new Set(names).size).toBe(3);
    },
  );
});
