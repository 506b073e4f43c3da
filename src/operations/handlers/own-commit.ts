import type { Operation } from '../../database/generated/client.js';
import type { OperationGroup } from '../engine/group.js';
import { readRecord } from '../sync/commit-record.js';

/** A commit that this operation put on the ref in an attempt that was cut short. */
export interface OwnCommit {
  oid: string;
  parents: string[];
  revision: string | null;
}

/**
 * Looks for the operation's commit on the ref's line (first parents) down to `base`. Only where an earlier attempt may
 * have come that far: without a push whose end is unknown there is nothing to find.
 */
export async function findOwnCommit(
  operation: Operation,
  group: OperationGroup,
  base: string | null,
): Promise<OwnCommit | null> {
  if (!group.mayBeDone(operation)) return null;
  const { git } = group.visit;
  for (let oid = group.plan.current(group.plan.mainRef); oid !== null && oid !== base;) {
    const { parents, message } = await git.readCommit(oid);
    const record = readRecord(message);
    if (record.operationId === operation.id) return { oid, parents, revision: record.revision };
    oid = parents[0] ?? null;
  }
  return null;
}
