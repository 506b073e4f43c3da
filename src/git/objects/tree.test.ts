import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildTrees, encodeTree, hashObject } from './git-hash.js';
import type { GitObjects, GitTreeEntry } from '../port.js';
import { listTree, objectsBelow, replaceTree } from './tree.js';

const BLOB = 'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391';

/** Trees in memory; asks for nothing else are a mistake. */
class Trees implements Pick<GitObjects, 'readTree' | 'writeTree' | 'findEntry' | 'setDirectory'> {
  readonly trees = new Map<string, GitTreeEntry[]>();

  async readTree(oid: string): Promise<GitTreeEntry[]> {
    const entries = this.trees.get(oid);
    if (!entries) throw new Error(`no tree ${oid}`);
    return entries;
  }

  async writeTree(entries: readonly GitTreeEntry[]): Promise<string> {
    const oid = hashObject('tree', encodeTree(entries));
    this.trees.set(oid, [...entries]);
    return oid;
  }

  async findEntry(tree: string, name: string): Promise<GitTreeEntry | null> {
    return (await this.readTree(tree)).find((entry) => entry.name === name) ?? null;
  }

  async setDirectory(tree: string | null, name: string, child: string | null): Promise<string> {
    const others = (tree === null ? [] : await this.readTree(tree)).filter((entry) => entry.name !== name);
    return this.writeTree(child === null ? others : [...others, { mode: '040000', name, oid: child }]);
  }

  /** A tree of empty files. */
  of(...paths: string[]): string {
    const { root, trees } = buildTrees(paths.map((path) => ({ path, mode: '100644', oid: BLOB })));
    for (const [oid, entries] of trees) this.trees.set(oid, entries);
    return root;
  }
}

function setUp(): { store: Trees; objects: GitObjects } {
  const store = new Trees();
  return { store, objects: store as Trees & GitObjects };
}

describe('replaceTree', () => {
  it('replaces exactly the directory, and names what it wrote, deepest first', async () => {
    const { store, objects } = setUp();
    const root = store.of('a/b/old', 'a/sibling', 'top');
    const { tree, written } = await replaceTree(objects, root, 'a/b', store.of('new/file'));
    expect(tree).toBe(store.of('a/b/new/file', 'a/sibling', 'top'));
    expect(written).toEqual([store.of('b/new/file', 'sibling'), tree]);
  });

  it('makes missing parents, and the root where there is none', async () => {
    const { store, objects } = setUp();
    expect((await replaceTree(objects, null, 'a/b', store.of('f'))).tree).toBe(store.of('a/b/f'));
    expect((await replaceTree(objects, store.of('x'), 'a/b', store.of('f'))).tree).toBe(store.of('x', 'a/b/f'));
    expect((await replaceTree(objects, store.of('x'), '', store.of('f'))).tree).toBe(store.of('f'));
  });

  it('lets empty parents vanish', async () => {
    const { store, objects } = setUp();
    expect((await replaceTree(objects, store.of('a/b/c/f', 'x'), 'a/b/c', null)).tree).toBe(store.of('x'));
    expect(await replaceTree(objects, store.of('a/b/f'), 'a/b', null)).toEqual({ tree: null, written: [] });
    expect(await replaceTree(objects, store.of('a/b/f'), 'a/b', store.of())).toEqual({ tree: null, written: [] });
  });

  it('writes nothing when nothing changes', async () => {
    const { store, objects } = setUp();
    const root = store.of('a/f', 'x');
    expect(await replaceTree(objects, root, 'a', store.of('f'))).toEqual({ tree: root, written: [] });
    expect(await replaceTree(objects, root, 'b/c', null)).toEqual({ tree: root, written: [] });
    expect(await replaceTree(objects, root, 'x', null)).toEqual({ tree: root, written: [] });
  });

  it.each(['x', 'x/y', 'a/f/deep'])('does not put a directory where a file stands: %s', async (path) => {
    const { store, objects } = setUp();
    await expect(replaceTree(objects, store.of('a/f', 'x'), path, store.of('f'))).rejects.toMatchObject({
      code: 'nameConflict',
    });
  });

  it('gives back the same root when a directory is put in and taken out again', async () => {
    const segment = fc.constantFrom('a', 'b', 'c');
    const path = fc.array(segment, { minLength: 1, maxLength: 3 }).map((segments) => segments.join('/'));
    const files = fc.uniqueArray(
      path.map((each) => `${each}/f`),
      { minLength: 1 },
    );
    await fc.assert(
      fc.asyncProperty(files, path, async (paths, at) => {
        const { store, objects } = setUp();
        const elsewhere = paths.filter((each) => !each.startsWith(`${at}/`));
        fc.pre(elsewhere.length > 0);
        const root = store.of(...elsewhere);
        const added = await replaceTree(objects, root, at, store.of('new'));
        expect((await replaceTree(objects, added.tree, at, null)).tree).toBe(root);
      }),
    );
  });
});

describe('listTree and objectsBelow', () => {
  it('see submodules and symlinks, and leave commits of others out of the objects', async () => {
    const { store, objects } = setUp();
    const link = { mode: '120000', name: 'link', oid: 'a'.repeat(40) };
    const submodule = { mode: '160000', name: 'module', oid: 'b'.repeat(40) };
    const inner = store.of('f');
    const root = await store.writeTree([link, submodule, { mode: '040000', name: 'dir', oid: inner }]);
    expect(await listTree(objects, root)).toEqual([
      { path: 'link', mode: '120000', oid: link.oid },
      { path: 'module', mode: '160000', oid: submodule.oid },
      { path: 'dir/f', mode: '100644', oid: BLOB },
    ]);
    expect(await objectsBelow(objects, root)).toEqual(new Set([root, inner, link.oid, BLOB]));
  });

  it('survive trees that name each other ten times, twelve deep', async () => {
    const { store, objects } = setUp();
    let tree = store.of('f');
    for (let depth = 0; depth < 12; depth += 1) {
      const oid = tree;
      tree = await store.writeTree([...'0123456789'].map((name) => ({ mode: '040000', name, oid })));
    }
    await expect(listTree(objects, tree)).rejects.toMatchObject({ code: 'tooLarge' });
    expect((await objectsBelow(objects, tree)).size).toBe(14);
  });
});
