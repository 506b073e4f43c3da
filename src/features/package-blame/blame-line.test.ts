import { describe, expect, it } from 'vitest';
import { versionKey } from '../../domain/version.js';
import { lineOf, previousOf } from './blame-line.js';
import type { CommitRow, VersionRow } from './package-blame.store.js';

const TIME = new Date('2026-05-12T08:00:00Z');

/** A version of a package, `name/revision`, with its tree, and where its commit is on the line of the ref. */
function row(id: string, tree: string, position: number | null, more: Partial<VersionRow> = {}): VersionRow {
  const [path = '', revision = ''] = id.split('/');
  return {
    ...{
      id,
      packageId: path,
      repositoryId: 'r',
      repositoryName: 'r',
      path,
      revision,
      versionKey: versionKey(revision),
    },
    ...{
      lifecycle: 'published',
      tree,
      commit: `c-${id}`,
      baseRevision: null,
      upstream: null,
      upstreamRevisionId: null,
    },
    ...{ editors: ['ada'], createdBy: 'ada', publishedAt: TIME, publishedBy: 'grace', external: true, updatedAt: TIME },
    ...{ author: 'Ada', position, ...more },
  };
}

const draft = (id: string, tree: string, position: number, baseRevision: string | null): VersionRow =>
  row(id, tree, position, {
    ...{ lifecycle: 'draft', versionKey: null, revision: null, baseRevision, publishedAt: null, publishedBy: null },
    ...{ author: null, commit: null },
  });

/** A commit of somebody; its tree is known unless it has a `?`. */
const commit = (position: number, treeAfter: string | null, oid = `d${position}`): CommitRow => ({
  ...{ repositoryId: 'r', path: 'a', oid, position, committedAt: TIME, author: `Henk ${oid}` },
  ...{ treeAfter, known: treeAfter?.includes('?') === false },
});

/** The steps that lead to the first of these rows, a text each: its tree, its commit, and which steps it comes from. */
function line(rows: VersionRow[], commits: CommitRow[] = []): string[] {
  const steps = lineOf(rows[0]?.id ?? '', { rows: new Map(rows.map((each) => [each.id, each])), commits });
  return steps.map(({ tree, row: of, commit: by, author, previous, upstream, isFromElsewhere }) =>
    [
      ...[`${of.id}: ${tree} by ${by ?? '?'} of ${author ?? '?'}`],
      ...(previous === null ? [] : [`after ${steps[previous]?.tree}`]),
      ...(upstream === null ? [] : [`from ${steps[upstream]?.tree}`]),
      ...(isFromElsewhere ? ['from elsewhere'] : []),
    ].join(' '),
  );
}

const upstream = (id: string | null, commitOid = id): Partial<VersionRow> => ({
  upstreamRevisionId: id,
  upstream: { url: 'u', directory: 'd', ref: 'r', commit: commitOid, tree: null },
});

describe('what a version comes from', () => {
  it('is the version before it that is there', () => {
    expect(
      line([row('a/v10', 'three', 9), row('a/v2', 'two', 5), row('a/v1', 'one', 1), row('a/v11', 'x', 20)]),
    ).toEqual([
      'a/v1: one by c-a/v1 of Ada',
      'a/v2: two by c-a/v2 of Ada after one',
      'a/v10: three by c-a/v10 of Ada after two',
    ]);
  });

  it('of a draft is what it was begun on, or what is there of that', () => {
    const versions = [row('a/v1', 'one', 1), row('a/v2', 'two', 2), row('a/v3', 'three', 3)];
    const before = (base: string | null, of = versions) => previousOf(draft('a/w', 'x', 4, base), of)?.id ?? null;
    expect([before('v2'), before('v3'), before(null)]).toEqual(['a/v2', 'a/v3', null]);
    // One version written in two ways is not before itself.
    expect(previousOf(row('a/v1', 'one', 1), [row('a/v1.0.0', 'one', 2)])).toBeNull();
    expect(before('v2', [row('a/v1', 'one', 1), row('a/v3', 'three', 3)])).toBe('a/v1');
    expect(
      line([draft('a/w', 'mine', 4, 'v1'), row('a/v1', 'one', 1)], [commit(3, 'by hand'), commit(5, 'later')]),
    ).toEqual([
      'a/v1: one by c-a/v1 of Ada',
      'a/w: by hand by d3 of Henk d3 after one',
      'a/w: mine by ? of ada after by hand',
    ]);
  });

  it('are the direct commits between two versions, as far as their trees are known', () => {
    const versions = [row('a/v2', 'two', 9), row('a/v1', 'one', 1)];
    const own = commit(9, 'two', 'c-a/v2');
    const first = 'a/v1: one by c-a/v1 of Ada';
    expect(line(versions, [commit(3, 'by hand'), commit(1, 'one', 'c-a/v1'), own])).toEqual([
      ...[first, 'a/v2: by hand by d3 of Henk d3 after one', 'a/v2: two by c-a/v2 of Ada after by hand'],
    ]);
    // Each of several may have set what is new in the next tree that is known.
    expect(line(versions, [commit(3, '?'), commit(4, 'by hand'), own])).toEqual([
      ...[first, 'a/v2: by hand by ? of ? after one', 'a/v2: two by c-a/v2 of Ada after by hand'],
    ]);
    expect(line(versions, [commit(3, '?'), own])).toEqual([first, 'a/v2: two by ? of ? after one']);
    expect(line(versions, [commit(3, null), own])).toEqual([first, 'a/v2: two by ? of ? after one']);
    // The tag of somebody, who set it on a later commit.
    expect(line(versions, [commit(3, '?')])).toEqual([first, 'a/v2: two by d3 of Henk d3 after one']);
    expect(line(versions, [commit(3, '?'), commit(4, '?')])).toEqual([first, 'a/v2: two by ? of ? after one']);
    // Before what is recorded nothing is known.
    const early = [row('a/v2', 'two', 9), row('a/v1', 'one', null)];
    expect(line(early, [commit(3, 'by hand'), own])).toEqual([first, 'a/v2: two by c-a/v2 of Ada after one']);
    expect(line([row('a/v1', 'one', null, { author: null })])).toEqual(['a/v1: one by c-a/v1 of grace']);
  });
});

it('is of the last editor where somebody else approved it, or of who began it', () => {
  const own = { external: false, author: 'Grace', createdBy: 'henk' };
  expect(line([row('a/v1', 'one', 1, { ...own, editors: ['bob', 'ada'] })])).toEqual(['a/v1: one by c-a/v1 of ada']);
  expect(line([row('a/v1', 'one', 1, { ...own, editors: [] })])).toEqual(['a/v1: one by c-a/v1 of henk']);
  const back = row('a/v3', 'one', 1, { commit: 'c-a/v1', author: 'Grace' });
  expect(line([back, row('a/v2', 'two', 2), row('a/v1', 'one', 1, { ...own, editors: ['ada'] })]).at(-1)).toBe(
    'a/v3: one by c-a/v1 of ada after two',
  );
});

describe('what a version has from upstream', () => {
  it('comes with a clone and an upgrade, and not with a copy', () => {
    const rows = [
      row('a/v3', '3', 3, upstream('u/v2')),
      row('a/v2', '2', 2, upstream('u/v1')),
      row('a/v1', '1', 1, upstream('u/v1', 'as found')),
      row('u/v1', 'u1', 1),
      row('u/v2', 'u2', 2),
    ];
    expect(line(rows).filter((step) => step.startsWith('a'))).toEqual([
      'a/v1: 1 by c-a/v1 of Ada from u1',
      'a/v2: 2 by c-a/v2 of Ada after 1',
      'a/v3: 3 by c-a/v3 of Ada after 2 from u2',
    ]);
  });

  it('is from elsewhere, where that is not there or leads back', () => {
    const gone = [row('a/v2', '2', 2, upstream(null, 'x')), row('a/v1', '1', 1, upstream('gone', 'x'))];
    expect(line(gone)).toEqual(['a/v1: 1 by c-a/v1 of Ada from elsewhere', 'a/v2: 2 by c-a/v2 of Ada after 1']);
    const ring = [row('a/v1', '1', 1, upstream('u/v1')), row('u/v1', 'u1', 1, upstream('a/v1'))];
    expect(line(ring)).toEqual(['u/v1: u1 by c-u/v1 of Ada from elsewhere', 'a/v1: 1 by c-a/v1 of Ada from u1']);
  });
});
