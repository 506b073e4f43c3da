import type { PackageRevision } from '../database/generated/client.js';
import { isPublished } from '../domain/lifecycle.js';
import type { Condition } from '../domain/revision.js';
import type { EventType } from '../events/event-types.js';

type RevisionEvent = EventType extends infer Type
  ? Type extends `packageRevision.${infer Name}`
    ? Name
    : never
  : never;

interface ChangeFacts {
  /** Whether what readers of the revision have seen is stale: then its version, and with it the entity tag, counts up. */
  stale: boolean;
  /** What those who follow events are told; null: nothing, since it is of no use to them. */
  event: RevisionEvent | null;
}

/** What can happen to a package revision. */
export const REVISION_CHANGES = {
  created: { stale: false, event: 'created' },
  edited: { stale: true, event: 'edited' },
  labelled: { stale: true, event: 'labelled' },
  conditionSet: { stale: false, event: 'conditionSet' },
  proposed: { stale: true, event: 'proposed' },
  rejected: { stale: true, event: 'rejected' },
  withdrawn: { stale: true, event: 'withdrawn' },
  upstreamRead: { stale: true, event: 'edited' },
  approved: { stale: false, event: 'approved' },
  approvalCounted: { stale: true, event: 'approved' },
  approvalWithdrawn: { stale: true, event: 'approvalWithdrawn' },
  rebased: { stale: true, event: 'rebased' },
  overwritingNamed: { stale: true, event: 'overwriteAllowed' },
  conflictResolved: { stale: true, event: 'conflictResolved' },
  deletionProposed: { stale: true, event: 'deletionProposed' },
  deletionRejected: { stale: true, event: 'deletionRejected' },
  published: { stale: true, event: 'published' },
  deleted: { stale: false, event: 'deleted' },
  /** A worker's push reached the remote, or is late. */
  pushed: { stale: false, event: null },
  pushDelayed: { stale: false, event: null },
  /** A sync found in Git what others have done there. */
  draftFound: { stale: false, event: 'created' },
  publicationFound: { stale: false, event: 'publishedExternally' },
  publishedExternally: { stale: true, event: 'publishedExternally' },
  tagMoved: { stale: true, event: 'tagMoved' },
  branchAdopted: { stale: true, event: 'edited' },
  branchNoted: { stale: false, event: null },
  conflicted: { stale: false, event: 'conflicted' },
  disappeared: { stale: false, event: 'deleted' },
} as const satisfies Record<string, ChangeFacts>;

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
  /** Who did it; left out, whoever the work under way is for: nobody who is known, where a sync found it. */
  by?: string | undefined;
  /** All that it has then, where they were set. */
  conditions?: readonly Condition[] | undefined;
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

/** Whether a revision is there that was not, or is not any more, or is published. */
export const comesOrGoes = ({ before, after }: RevisionChange): boolean =>
  before === null || after === null || (isPublished(after.lifecycle) && !isPublished(before.lifecycle));

/** Whether what a package publishes may be another afterwards. */
export const isOfPublication = ({ before, after }: RevisionChange): boolean =>
  [before, after].some((state) => state !== null && isPublished(state.lifecycle));
