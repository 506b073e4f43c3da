import { expect, it } from 'vitest';
import { matrixOf, revisionParts, totalsOf } from './fleet-rows.js';

const column = (revision: string) => ({ revisionId: `id-${revision}`, revision, publishedAt: null });
const columns = ['v11', 'v10', 'v9', 'v2'].map(column);
const used = (revision: string, packages: number) => ({ revisionId: `id-${revision}`, revision, packages });
const found = (path: string, folder = '') => ({ packageId: path, path, folder });

it('counts all groups together', () => {
  const counts = { packages: 2, published: 1, behind: 1, drifted: 0, unhealthy: 0, openDrafts: 3 };
  expect(totalsOf([counts, { ...counts, drifted: 4 }])).toEqual({
    ...{ packages: 4, published: 2, behind: 2, drifted: 4, unhealthy: 0, openDrafts: 6 },
  });
});

it('puts the newest revision first, and tells how far the others are behind', () => {
  const group = { packages: 9, upstreamRevisions: [used('v2', 3), used('v11', 1), used('v10', 2), used('v1', 1)] };
  expect(revisionParts(group, columns)).toEqual([
    { label: 'v11', count: 1, tone: 'good' },
    { label: 'v10', count: 2, tone: 'work' },
    { label: 'v2', count: 3, tone: 'warn' },
    { label: 'v1', count: 1, tone: 'quiet' },
    { label: 'no known revision', count: 2, tone: 'quiet' },
  ]);
  expect(revisionParts(group).map(({ label }) => label)).toEqual(['v11', 'v10', 'v2', 'v1', 'no known revision']);
});

it('takes the oldest of many revisions together, and loses no package', () => {
  const upstreamRevisions = Array.from({ length: 30 }, (_, index) => used(`v${index + 1}`, 2));
  const parts = revisionParts({ packages: 60, upstreamRevisions });
  expect(parts).toHaveLength(13);
  expect([parts[0]?.label, parts.at(-1)]).toEqual(['v30', { label: 'other revisions', count: 36, tone: 'quiet' }]);
  expect(parts.reduce((sum, { count }) => sum + count, 0)).toBe(60);
});

it('shows the newest column and those that some target has, and each package once', () => {
  const matrix = matrixOf({
    columns,
    items: [
      {
        ...{ target: 'edge-1', targetId: 't1' },
        cells: [
          { revisionId: 'id-v9', revision: 'v9', behind: 2, packages: [found('edge-1/web'), found('edge-1/b', 'web')] },
          { revisionId: null, revision: null, behind: null, packages: [found('edge-1/own')] },
        ],
      },
      {
        ...{ target: 'edge-2', targetId: null },
        cells: [{ revisionId: 'id-v1', revision: 'v1', behind: 10, packages: [found('elsewhere/web')] }],
      },
    ],
  });
  expect(matrix.columns.map(({ revision, behind }) => [revision, behind])).toEqual([
    ['v11', 0],
    ['v9', 2],
    ['other', null],
  ]);
  expect(matrix.rows.map(({ target, cells }) => [target, cells.map((cell) => cell.map(({ label }) => label))])).toEqual(
    [
      ['edge-1', [[], ['web', 'b › web'], ['own']]],
      ['edge-2', [[], [], ['elsewhere/web']]],
    ],
  );
  expect(matrix).toMatchObject({ left: 2, hasFolders: true });
  expect(matrixOf({ columns: [], items: [] })).toMatchObject({ columns: [], rows: [], left: 0, hasFolders: false });
});
