/** The Operation: a durable record of work that touches a Git remote. Its row is the outbox. */

export const OPERATION_KINDS = ['sync', 'push', 'discard', 'publish', 'delete'] as const;
export type OperationKind = (typeof OPERATION_KINDS)[number];

export const OPERATION_STATES = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const;
export type OperationState = (typeof OPERATION_STATES)[number];

export const isFinished = (state: OperationState): boolean =>
  state === 'succeeded' || state === 'failed' || state === 'cancelled';

/** What an operation works on, for readers: the id and name it had when the operation was asked for. */
export interface OperationTarget {
  type: 'Repository' | 'PackageRevision';
  id: string;
  name: string;
}

/**
 * What each kind needs beyond the rows it works on.
 * - sync: bring the index up to date with the remote.
 * - push: make the remote's branches of a revision what its row says (draft, proposed or deletionProposed).
 * - discard: remove the branches of a deleted draft, if they are still where they were left.
 * - publish: merge, number, tag and push; bound to the tree that the approver saw.
 * - delete: remove the tag of a published revision (and the directory with the last one); path and revision find what
 *   a push that was cut short left behind when the row is gone.
 */
export interface OperationPayloads {
  sync: Record<string, never>;
  push: Record<string, never>;
  /** Full ref name and the tip it had; nothing is removed that moved since. */
  discard: { branches: { ref: string; commit: string }[] };
  /**
   * Of the tree that was approved, by the last of `approvers`; only while none of the approvals is void, and they are
   * enough and all gates are met or the glass was broken. What is not there was not asked for.
   */
  publish: {
    tree: string;
    approvedBy: string;
    approvers?: string[];
    approvalIds?: string[];
    gates?: string[];
    breakGlass?: { reason: string };
  };
  delete: { tree: string; path?: string; revision?: string };
}

export interface NewOperation<Kind extends OperationKind = OperationKind> {
  kind: Kind;
  repositoryId: string;
  revisionId?: string;
  /** Of the revision's package. */
  path?: string;
  target: OperationTarget;
  payload: OperationPayloads[Kind];
  requestedBy: string;
}
