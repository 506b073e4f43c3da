import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildTrees, decodeName, EMPTY_TREE, encodeName, encodeTree, hashBlob, hashObject } from './git-hash.js';

const EMPTY_BLOB = 'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391';

describe('hashBlob', () => {
  it('gives the names everyone knows', () => {
    expect(hashBlob(Buffer.alloc(0))).toBe(EMPTY_BLOB);
    expect(hashBlob(Buffer.from('hello world\n'))).toBe('3b18e512dba79e4c8300dd08aeb37f8e728b8dad');
  });
});

describe('encodeTree', () => {
  it('sorts a directory as if its name ended in a slash', () => {
    const named = (mode: string, name: string) => ({ mode, name, oid: EMPTY_BLOB });
    const bytes = encodeTree([
      named('100644', 'a0'),
      named('040000', 'a'),
      named('100644', 'a.b'),
      named('100644', 'B'),
    ]);
    const names = [...bytes.toString('latin1').matchAll(/(\d+) ([\w.]+)\0/g)].map(
      ([, mode, name]) => `${mode} ${name}`,
    );
    expect(names).toEqual(['100644 B', '100644 a.b', '40000 a', '100644 a0']);
  });

  it('does not depend on the order given', () => {
    const entry = fc.record({
      mode: fc.constantFrom('100644', '100755', '040000', '120000', '160000'),
      name: fc.stringMatching(/^[a-c.0é\-/]{1,4}$/).map((name) => name.replaceAll('/', '-')),
      oid: fc.constant(EMPTY_BLOB),
    });
    const entries = fc.uniqueArray(entry, { selector: ({ name }) => name });
    fc.assert(
      fc.property(entries, (list) => {
        expect(encodeTree([...list].reverse())).toEqual(encodeTree(list));
      }),
    );
  });
});

describe('buildTrees', () => {
  it('makes the empty tree of no files', () => {
    expect(buildTrees([])).toEqual({ root: EMPTY_TREE, trees: new Map([[EMPTY_TREE, []]]) });
  });

  it('gives every tree under the hash of its bytes, and the root in whatever order the files come', () => {
    const path = fc
      .array(fc.constantFrom('a', 'b', 'a.b', 'é'), { minLength: 1, maxLength: 4 })
      // A leaf in capitals can never be a directory as well.
      .map((segments) => [...segments.slice(0, -1), `${segments.at(-1)}X`].join('/'));
    const file = fc.record({ path, mode: fc.constantFrom('100644', '100755', '120000'), oid: fc.constant(EMPTY_BLOB) });
    fc.assert(
      fc.property(fc.uniqueArray(file, { selector: (each) => each.path }), (files) => {
        const { root, trees } = buildTrees(files);
        for (const [oid, entries] of trees) expect(hashObject('tree', encodeTree(entries))).toBe(oid);
        expect(buildTrees([...files].reverse()).root).toBe(root);
        expect(listed(root, trees)).toEqual(files.map((each) => each.path).sort());
      }),
    );
  });

  it('refuses a file that is also a directory, and a path that is there twice', () => {
    const file = (path: string) => ({ path, mode: '100644', oid: EMPTY_BLOB });
    const conflict = expect.objectContaining({ code: 'nameConflict' });
    expect(() => buildTrees([file('a'), file('a/b')])).toThrow(conflict);
    expect(() => buildTrees([file('a/b'), file('a')])).toThrow(conflict);
    expect(() => buildTrees([file('a'), file('a')])).toThrow(conflict);
  });

  function listed(root: string, trees: ReturnType<typeof buildTrees>['trees'], prefix = ''): string[] {
    const paths = (trees.get(root) ?? []).flatMap(({ mode, name, oid }) =>
      mode === '040000' ? listed(oid, trees, `${prefix}${name}/`) : [prefix + name],
    );
    return paths.sort();
  }
});

describe('names', () => {
  it('survive whatever bytes they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), (bytes) => {
        expect(encodeName(decodeName(Buffer.from(bytes)))).toEqual(Buffer.from(bytes));
      }),
    );
  });
});
