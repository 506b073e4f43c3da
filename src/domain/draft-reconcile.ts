import type { Lifecycle } from './lifecycle.js';
import { HEADS, draftRef, proposedRef } from './ref-layout.js';

/** The side of the index: what readers see, and what the remote was last known to hold. */
export interface LocalDraft {
  lifecycle: Extract<Lifecycle, 'draft' | 'proposed'>;
  tree: string;
  baseCommit: string | null;
  branch: string | null;
  commit: string | null;
  pushedTree: string | null;
  pushedBase: string | null;
  conflictCommit: string | null;
}

/** Says how the index's draft and its remote branch differ. */
export type GitState = 'pending' | 'synced' | 'conflict';

export interface IndexedDraft extends LocalDraft {
  /** `pending`: a change waits to be pushed; also one that takes back another, whose push may have arrived unheard. */
  gitState: GitState;
}

/** The side of the remote: the draft's branch now. */
export interface RemoteDraft {
  ref: string;
  lifecycle: LocalDraft['lifecycle'];
  commit: string;
  tree: string;
  /** The tip was pushed by one of this draft's own operations (whose end was not recorded). */
  ours: boolean;
  /**
   * Commits of the service lead to the tip from what an operation of this draft has pushed whose end was not recorded: the index
   * is an older one that was restored, and the tip holds what waits in it and more.
   */
  isBeyond: boolean;
  /** The tip was made of a later state of the draft than the index has. */
  isNewer: boolean;
}

export type DraftDecision =
  /** Nothing to do. */
  | 'keep'
  /** The remote holds what we have or had: note its tip; what is still missing stays pending. */
  | 'advance'
  /** Someone else changed it, or a later state of this index did, and nothing of ours waits: take that. */
  | 'adopt'
  /** Both sides changed: keep both and say so. */
  | 'conflict'
  /** The branch is gone and nothing of ours waits: the draft is gone. */
  | 'remove'
  /** The branch is gone while a change of ours waits: begin it anew. */
  | 'restart';

/** The branch that the draft's state asks for. `directory` is the package's in the Git tree. */
export function desiredRef(draft: Pick<LocalDraft, 'lifecycle'>, directory: string, workspace: string): string {
  return draft.lifecycle === 'draft' ? draftRef(directory, workspace) : proposedRef(directory, workspace);
}

export function isPending(draft: LocalDraft, desired: string): boolean {
  return draft.tree !== draft.pushedTree || draft.baseCommit !== draft.pushedBase || !isPlaced(draft, desired);
}

/** A draft found in the other dialect's place (`F/W`) stays there until it is edited or proposed. */
function isPlaced({ branch, lifecycle }: LocalDraft, desired: string): boolean {
  return branch === desired || (lifecycle === 'draft' && branch === desired.replace(`${HEADS}drafts/`, HEADS));
}

/** Compares the two sides of a draft. Pure; the decision is applied by the index writer. */
export function reconcileDraft(local: IndexedDraft, remote: RemoteDraft | null, desired: string): DraftDecision {
  const pending = local.gitState === 'pending' || isPending(local, desired);
  if (remote === null) {
    // A conflict with a branch that is gone is none any more.
    if (local.commit === null) return local.conflictCommit === null ? 'keep' : 'restart';
    return pending ? 'restart' : 'remove';
  }
  if (remote.commit === local.conflictCommit) return 'keep';
  if (remote.commit === local.commit) {
    if (remote.ref === local.branch) return local.conflictCommit === null ? 'keep' : 'advance';
    // Renamed: by a push of ours whose end was not recorded, or by someone else.
    return pending ? 'advance' : 'adopt';
  }
  if (remote.isBeyond) return 'adopt';
  // An operation pushes what the draft is when its turn comes: a restored index may know less of it than the branch holds.
  if (remote.ours && remote.isNewer && remote.tree !== local.tree) return 'conflict';
  if (remote.ours || (remote.tree === local.tree && remote.ref === desired)) return 'advance';
  return pending ? 'conflict' : 'adopt';
}
