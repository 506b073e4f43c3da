import { describe, expect, it } from 'vitest';
import { branchRef, deletionProposedRef, draftRef, proposedRef, readRef, shortRef, tagRef } from './ref-layout.js';

describe('readRef', () => {
  it('reads back what is written', () => {
    expect(readRef(draftRef('a/b', 'w'))).toEqual({ kind: 'drafts', directory: 'a/b', workspace: 'w' });
    expect(readRef(proposedRef('a/b', 'w'))).toEqual({ kind: 'proposed', directory: 'a/b', workspace: 'w' });
    expect(readRef(deletionProposedRef('a', 'v1'))).toEqual({
      kind: 'deletionProposed',
      directory: 'a',
      revision: 'v1',
    });
    expect(readRef(tagRef('a/b', 'v1'))).toEqual({ kind: 'tag', directory: 'a/b', revision: 'v1' });
    expect(readRef(branchRef('main'))).toEqual({ kind: 'branch', directory: null, workspace: 'main' });
  });

  it.each([
    ['refs/tags/v1', null],
    ['refs/pull/1/head', null],
    ['refs/heads/a/b/w', { kind: 'branch', directory: 'a/b', workspace: 'w' }],
    ['refs/heads/drafts/w', { kind: 'branch', directory: 'drafts', workspace: 'w' }],
    ['refs/heads/drafts', { kind: 'branch', directory: null, workspace: 'drafts' }],
    // Whole segments only, and the prefix is read once.
    ['refs/heads/drafts2/a/w', { kind: 'branch', directory: 'drafts2/a', workspace: 'w' }],
    ['refs/heads/drafts/drafts/a/w', { kind: 'drafts', directory: 'drafts/a', workspace: 'w' }],
    ['refs/tags/drafts/a/v1', { kind: 'tag', directory: 'drafts/a', revision: 'v1' }],
  ])('%s', (ref, expected) => {
    expect(readRef(ref)).toEqual(expected);
  });
});

it('shortRef drops the namespace only', () => {
  expect(shortRef('refs/heads/drafts/a/w')).toBe('drafts/a/w');
  expect(shortRef('refs/tags/a/v1')).toBe('a/v1');
  expect(shortRef('refs/pull/1')).toBe('refs/pull/1');
});
