import { describe, expect, it } from 'vitest';
import { type IndexedDraft, type RemoteDraft, desiredRef, reconcileDraft } from './draft-reconcile.js';

const DRAFTS = desiredRef({ lifecycle: 'draft' }, 'a', 'w');
const PROPOSED = desiredRef({ lifecycle: 'proposed' }, 'a', 'w');

const synced: IndexedDraft = {
  lifecycle: 'draft',
  tree: 't1',
  baseCommit: 'b',
  branch: DRAFTS,
  commit: 'c1',
  pushedTree: 't1',
  pushedBase: 'b',
  conflictCommit: null,
  gitState: 'synced',
};
const waiting: IndexedDraft = { ...synced, gitState: 'pending' };
const edited: IndexedDraft = { ...waiting, tree: 't2' };
const unpushed: IndexedDraft = { ...waiting, branch: null, commit: null, pushedTree: null, pushedBase: null };
const renaming: IndexedDraft = { ...waiting, lifecycle: 'proposed' };

const remote = (change: Partial<RemoteDraft> = {}): RemoteDraft => ({
  ref: DRAFTS,
  lifecycle: 'draft',
  commit: 'c1',
  tree: 't1',
  ours: false,
  isBeyond: false,
  isNewer: false,
  ...change,
});
const theirs = remote({ commit: 'c2', tree: 't9' });

describe('reconcileDraft', () => {
  it.each<[string, IndexedDraft, RemoteDraft | null, string]>([
    ['nothing happened', synced, remote(), 'keep'],
    ['an edit waits', edited, remote(), 'keep'],
    ['someone else pushed', synced, theirs, 'adopt'],
    ['someone else pushed while an edit waits', edited, theirs, 'conflict'],
    ['someone else pushed while a rename waits', renaming, theirs, 'conflict'],
    ['someone else made the branch first', unpushed, theirs, 'conflict'],
    ['our push arrived, its end was not recorded', edited, remote({ commit: 'c2', tree: 't2', ours: true }), 'advance'],
    ['an older push of ours arrived', edited, remote({ commit: 'c2', tree: 't5', ours: true }), 'advance'],
    [
      'a later edit arrived by our push, and the index is an older one',
      edited,
      remote({ commit: 'c2', tree: 't5', ours: true, isNewer: true }),
      'conflict',
    ],
    [
      'our push arrived, and others of ours after it, and the index is an older one',
      edited,
      remote({ commit: 'c3', tree: 't5', isBeyond: true, isNewer: true }),
      'adopt',
    ],
    ['both wrote the same', edited, remote({ commit: 'c2', tree: 't2' }), 'advance'],
    ['our rename arrived', renaming, remote({ ref: PROPOSED, lifecycle: 'proposed' }), 'advance'],
    ['our rename arrived, and was taken back', waiting, remote({ ref: PROPOSED, lifecycle: 'proposed' }), 'advance'],
    ['someone else deleted it while a change waits that takes back another', waiting, null, 'restart'],
    ['someone else pushed while a change waits that takes back another', waiting, theirs, 'conflict'],
    ['someone else proposed it', synced, remote({ ref: PROPOSED, lifecycle: 'proposed' }), 'adopt'],
    ['someone else deleted it', synced, null, 'remove'],
    ['someone else deleted it while an edit waits', edited, null, 'restart'],
    ['it was never pushed', unpushed, null, 'keep'],
    ['the conflict is known already', { ...edited, conflictCommit: 'c2' }, theirs, 'keep'],
    ['the other side took its change back', { ...edited, conflictCommit: 'c2' }, remote(), 'advance'],
  ])('%s', (_, local, other, decision) => {
    expect(reconcileDraft(local, other, desiredRef(local, 'a', 'w'))).toBe(decision);
  });
});
