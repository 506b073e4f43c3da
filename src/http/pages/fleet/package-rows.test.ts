import { expect, it } from 'vitest';
import { chosenOf, comparisonsOf, diffRows, valueOf } from './package-rows.js';

const version = (revision: string) => ({ revisionId: `id-${revision}`, revision });
const latest = { id: 'p2', revision: 'v2' };
const known = {
  latest,
  upstreamStatus: { current: version('v1'), newest: version('v3') },
  drafts: [{ id: 'd1', workspace: 'fix', lifecycle: 'draft' }],
  previews: [{ id: 'u1', to: { ref: 'web/v3' } }],
};

it('offers drafts first, then upgrades, the blueprint, and what was published last', () => {
  expect(comparisonsOf(known).map(({ path, query }) => [path, query])).toEqual([
    ['package-revisions/d1/diff', { against: 'latest' }],
    ['upgrade-previews/u1', {}],
    ['package-revisions/diff', { from: 'id-v1', to: 'id-v3' }],
    ['package-revisions/p2/diff', { against: 'previous' }],
  ]);
  const upToDate = { current: version('v3'), newest: version('v3') };
  expect(comparisonsOf({ ...known, upstreamStatus: upToDate, drafts: [], previews: [] })).toHaveLength(1);
  const none = { current: null, newest: null };
  const [first, ...rest] = comparisonsOf({ ...known, latest: null, upstreamStatus: none, previews: [] });
  expect([first?.query, rest]).toEqual([{ against: 'base' }, []]);
});

it('shows what a link names, also a revision that is in no list any more', () => {
  const comparisons = comparisonsOf(known);
  expect(chosenOf(comparisons)?.key).toBe('d1');
  expect(chosenOf(comparisons, 'upstream')?.path).toBe('package-revisions/diff');
  expect(chosenOf(comparisons, 'a/b')).toMatchObject({ key: 'a/b', path: 'package-revisions/a%2Fb/diff', query: {} });
  expect(chosenOf([])).toBeUndefined();
});

it('shows objects field by field, and of files those that objects do not tell of', () => {
  const object = {
    kind: 'ConfigMap',
    namespace: 'a',
    name: 'b',
    path: 'c.yaml',
    fromPath: 'd.yaml',
    change: 'changed',
  };
  const file = { path: 'e', fromPath: null, change: 'changed', krm: false, binary: false, patch: '@@' };
  const rows = diffRows({
    objects: [
      {
        ...object,
        fields: [
          { path: 'data.a', change: 'changed', class: 'configuration', from: 1, to: '<b>' },
          { path: '', change: 'removed', class: 'removal', from: { a: 'x'.repeat(500) } },
        ],
      },
    ],
    files: [
      file,
      { ...file, path: 'c.yaml', krm: true, patch: null },
      { ...file, path: 'f', binary: true, patch: null },
    ],
  });
  expect(rows.objects).toMatchObject([
    {
      ...{ name: 'ConfigMap a/b', file: 'd.yaml → c.yaml' },
      fields: [
        { path: 'data.a', before: { text: '1' }, after: { text: '<b>', isLong: false } },
        { path: 'the whole object', before: { isLong: true }, after: undefined },
      ],
    },
  ]);
  expect(rows.files.map(({ path, change }) => [path, change])).toEqual([
    ['e', 'changed'],
    ['f', 'changed, binary'],
  ]);
  expect(valueOf('')).toEqual({ text: '', isLong: false });
});
