import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeTree } from './git-hash.js';
import { applyDelta } from '../packs/pack-entry.js';
import type { GitTreeEntry } from '../port.js';
import { canonicalTree, setDirectory } from './tree-edit.js';

const OID = 'c'.repeat(40);
const oid = fc.stringMatching(/^[0-9a-f]{40}$/);
// Names around the one place where Git's order is not that of strings: `a.b` < `a/` < `a0`.
const name = fc.oneof(
  fc.stringMatching(/^[a-c][./0-]?[a-c]?$/).map((text) => text.replace('/', '!')),
  fc.constantFrom('ü', 'a\udc80', 'x'.repeat(300)),
);
const entry = fc.record({ mode: fc.constantFrom('100644', '040000', '120000', '160000'), name, oid });
const entries = fc.uniqueArray(entry, { selector: (each) => each.name, maxLength: 400 });

describe('canonicalTree', () => {
  const raw = (mode: string, entryName: string) =>
    Buffer.concat([Buffer.from(`${mode} ${entryName}\0`, 'latin1'), Buffer.from(OID, 'hex')]);

  it('writes old, padded and group-writable modes, any order and names that are there twice as Git would', () => {
    const odd = [
      ['0040000', 'b'],
      ['100664', 'a.b'],
      ['100775', 'a0'],
      ['040000', 'a'],
      ['100644', 'b'],
    ];
    const bytes = Buffer.concat(odd.map(([mode = '', entryName = '']) => raw(mode, entryName)));
    const canonical = [
      ['100644', 'a.b'],
      ['40000', 'a'],
      ['100755', 'a0'],
      ['40000', 'b'],
    ];
    const wanted = Buffer.concat(canonical.map(([mode = '', entryName = '']) => raw(mode, entryName)));
    expect(canonicalTree(OID, bytes).toString('latin1')).toBe(wanted.toString('latin1'));
  });

  it('leaves what Git wrote as it is', () => {
    fc.assert(
      fc.property(entries, (given) => {
        const bytes = encodeTree(given);
        expect(canonicalTree(OID, bytes)).toBe(bytes);
      }),
    );
  });
});

describe('setDirectory', () => {
  it('does what writing the whole tree again does, and its delta says the same', () => {
    fc.assert(
      fc.property(entries, name, fc.option(oid), (given, wanted, child) => {
        const present = given.filter((each) => each.name !== wanted || each.mode === '040000');
        const before = encodeTree(present);
        const { content, delta } = setDirectory(OID, before, wanted, child);
        const others = present.filter((each) => each.name !== wanted);
        const after: GitTreeEntry[] =
          child === null ? others : [...others, { mode: '040000', name: wanted, oid: child }];
        expect(content.equals(encodeTree(after))).toBe(true);
        expect(applyDelta(before, delta).equals(content)).toBe(true);
      }),
    );
  });

  it('makes deltas of directories that are larger than a copy can be', () => {
    const many = Array.from({ length: 9_000 }, (_, index) => ({ mode: '040000', name: `package-${index}`, oid: OID }));
    const before = encodeTree(many);
    for (const wanted of ['package-1', 'package-5000', 'a', 'z']) {
      const { content, delta } = setDirectory(OID, before, wanted, 'd'.repeat(40));
      expect(applyDelta(before, delta).equals(content)).toBe(true);
      expect(delta.length).toBeLessThan(150);
    }
  });
});
