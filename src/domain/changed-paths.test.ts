import { describe, expect, it } from 'vitest';
import { changedPaths, lostPaths, mergeEntries } from './changed-paths.js';

const MODE = '100644';
const side = (files: Record<string, string>) => Object.entries(files).map(([path, oid]) => ({ path, mode: MODE, oid }));
const merged = (base: Record<string, string>, ours: Record<string, string>, theirs: Record<string, string>) => {
  const { entries, conflicts } = mergeEntries(side(base), side(ours), side(theirs));
  return { files: Object.fromEntries(entries.map(({ path, oid }) => [path, oid])), conflicts };
};

it('lostPaths names what is not kept as it is, whatever its mode', () => {
  const there = [...side({ b: '1', a: '2', same: '3' }), { path: 'run', mode: '100775', oid: '4' }];
  expect(lostPaths(there, side({ a: '1', same: '3', run: '4', more: '5' }))).toEqual(['a', 'b']);
});

describe('changedPaths', () => {
  it('names what came, went and changed, a change of the mode included', () => {
    const before = side({ same: '1', gone: '1', changed: '1', mode: '1' });
    const now = side({ same: '1', come: '1', changed: '2' });
    expect(changedPaths(before, [...now, { path: 'mode', mode: '100755', oid: '1' }])).toEqual([
      'changed',
      'come',
      'gone',
      'mode',
    ]);
  });
});

describe('mergeEntries', () => {
  it.each([
    ['what either side adds', {}, { x: '1' }, { y: '1' }, { x: '1', y: '1' }],
    ['what either side changes', { x: '1', y: '1' }, { x: '2', y: '1' }, { x: '1', y: '2' }, { x: '2', y: '2' }],
    ['what either side removes', { x: '1', y: '1', z: '1' }, { y: '1', z: '1' }, { x: '1', z: '1' }, { z: '1' }],
    ['what both did alike', { x: '1', z: '1' }, { x: '2', n: '1' }, { x: '2', n: '1' }, { x: '2', n: '1' }],
  ])('takes %s', (_what, base, ours, theirs, files) => {
    expect(merged(base, ours, theirs)).toEqual({ files, conflicts: [] });
  });

  it.each([
    ['changed on both sides', { x: '1' }, { x: '2' }, { x: '3' }, ['x']],
    ['added on both sides', {}, { x: '2' }, { x: '3' }, ['x']],
    ['changed here and removed there', { x: '1' }, { x: '2' }, {}, ['x']],
    ['removed here and changed there', { x: '1' }, {}, { x: '2' }, ['x']],
    ['a file here and a folder there', {}, { x: '1' }, { 'x/y': '1' }, ['x/y']],
  ])('names what was %s', (_what, base, ours, theirs, conflicts) => {
    expect(merged(base, ours, theirs).conflicts).toEqual(conflicts);
  });
});
