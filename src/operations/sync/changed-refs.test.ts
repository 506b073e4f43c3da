import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Repository } from '../../database/generated/client.js';
import { changedRefs, packageRefs, sliceByPackage } from './changed-refs.js';

const REPOSITORY = { ref: 'main', directory: '' } as Repository;
const OID = 'a'.repeat(40);

describe('changedRefs', () => {
  it('names what is new, moved or gone', () => {
    const known = new Map([
      ['refs/tags/a/v1', OID],
      ['refs/tags/a/v2', OID],
      ['refs/heads/main', OID],
    ]);
    const refs = new Map([
      ['refs/tags/a/v1', OID],
      ['refs/heads/main', 'b'.repeat(40)],
      ['refs/tags/b/v1', OID],
    ]);
    expect(changedRefs(known, refs)).toEqual([
      { name: 'refs/heads/main', oid: 'b'.repeat(40) },
      { name: 'refs/tags/b/v1', oid: OID },
      { name: 'refs/tags/a/v2', oid: null },
    ]);
  });
});

describe('sliceByPackage', () => {
  it('loses nothing, tears no package apart, and keeps slices near their size', () => {
    const name = fc
      .tuple(fc.constantFrom('tags', 'heads/drafts', 'heads/proposed', 'heads/deletionProposed'), fc.nat(9), fc.nat(9))
      .map(([kind, owner, version]) => `refs/${kind}/p${owner}/v${version}`);
    const changes = fc.uniqueArray(fc.oneof(name, fc.constantFrom('refs/heads/main', 'refs/tags/loose')));
    fc.assert(
      fc.property(changes, fc.integer({ min: 1, max: 20 }), (names, size) => {
        const changed = names.map((each) => ({ name: each, oid: OID }));
        const slices = sliceByPackage(REPOSITORY, changed, size);
        expect(
          slices
            .flat()
            .map((ref) => ref.name)
            .sort(),
        ).toEqual([...names].sort());
        const owners = slices.flatMap((slice) => [...new Set(packageRefs(REPOSITORY, slice).map(({ path }) => path))]);
        expect(new Set(owners).size).toBe(owners.length);
        const largest = 40;
        for (const slice of slices) expect(slice.length).toBeLessThan(size + largest);
        expect(slices.length).toBeGreaterThan(0);
      }),
    );
  });
});
