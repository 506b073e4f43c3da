import type { PackageRevision } from '../database/generated/client.js';
import { isPublished } from '../domain/lifecycle.js';

/**
 * What can happen to a package revision, and whether that makes what its readers have seen stale: then its version, and
 * with it the entity tag, counts up.
 */
export const REVISION_CHANGES = {
  created: { stale: false },
  edited: { stale: true },
  labelled: { stale: true },
  conditionSet: { stale: false },
  proposed: { stale: true },
  rejected: { stale: true },
  withdrawn: { stale: true },
  upstreamRead: { stale: true },
  approved: { stale: false },
  approvalCounted: { stale: true },
  approvalWithdrawn: { stale: true },
  rebased: { stale: true },
  overwritingNamed: { stale: true },
  conflictResolved: { stale: true },
  deletionProposed: { stale: true },
  deletionRejected: { stale: true },
  published: { stale: true },
  deleted: { stale: false },
  /** A worker's push reached the remote, or is late. */
  pushed: { stale: false },
  pushDelayed: { stale: false },
  /** A sync found in Git what others have done there. */
  discovered: { stale: false },
  publishedExternally: { stale: true },
  tagMoved: { stale: true },
  branchAdopted: { stale: true },
  branchNoted: { stale: false },
  conflicted: { stale: false },
  disappeared: { stale: false },
} as const;

export type RevisionChangeKind = keyof typeof REVISION_CHANGES;

/** The columns that every change is judged by. */
export const REVISION_STATE = {
  id: true,
  repositoryId: true,
  packageId: true,
  path: true,
  name: true,
  workspace: true,
  revision: true,
  lifecycle: true,
  tree: true,
  tag: true,
  commit: true,
} as const satisfies Partial<Record<keyof PackageRevision, true>>;

export type RevisionState = Pick<PackageRevision, keyof typeof REVISION_STATE>;

/** One change of one revision: null before it was there, and after it is gone. */
export interface RevisionChange {
  kind: RevisionChangeKind;
  before: RevisionState | null;
  after: RevisionState | null;
}

/** Approvals were given for other content, or for a proposal that is none any more. */
export function voidsApprovals({ kind, before, after }: RevisionChange): 'changed' | 'rejected' | null {
  if (before === null || after === null) return null;
  // Those who approved did not know what it would undo.
  if (before.tree !== after.tree || kind === 'overwritingNamed') return 'changed';
  return before.lifecycle === 'proposed' && after.lifecycle === 'draft' ? 'rejected' : null;
}

/** A published revision that is another commit now is no longer what its clones were made of. */
export function losesClones({ before, after }: RevisionChange): boolean {
  if (before === null || after === null || !isPublished(before.lifecycle)) return false;
  return before.commit !== after.commit;
}
