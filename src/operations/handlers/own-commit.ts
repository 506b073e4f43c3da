import type { GitObjects } from '../../git/port.js';
import type { TypedOperation } from '../../jobs/typed-operation.js';
import type { OperationGroup } from '../engine/group.js';
import { readRecord } from '../sync/commit-record.js';

/** A commit that this operation put on the ref in an attempt that was cut short. */
export interface OwnCommit {
  oid: string;
  parents: string[];
  /** F and the number, as the commit of a publication or deletion tells them. */
  directory: string;
  revision: string;
}

/** What the commit is to the operation: its own, or null. */
export async function readOwnCommit(
  operation: TypedOperation,
  git: GitObjects,
  oid: string,
): Promise<OwnCommit | null> {
  const { parents, message } = await git.readCommit(oid);
  const { operationId, packageDirectory: directory, revision } = readRecord(message);
  if (operationId !== operation.id || directory === null || revision === null) return null;
  return { oid, parents, directory, revision };
}

/**
 * Looks for the operation's commit under the tags of `directory`, from the number that was the highest before: where refs
 * change one by one, the tag comes first.
 */
export async function findTaggedCommit(
  operation: TypedOperation,
  group: OperationGroup,
  { directory, number }: { directory: string; number: bigint },
): Promise<OwnCommit | null> {
  if (!group.mayBeDone(operation)) return null;
  const { plan, visit } = group;
  for (const ref of plan.tagsFrom(directory, number)) {
    const tag = plan.current(ref);
    if (tag === null) continue;
    await visit.ensure([tag]);
    const tagged = await visit.git.peel(tag);
    const own = tagged && (await readOwnCommit(operation, visit.git, tagged.commit));
    if (own) return own;
  }
  return null;
}

/**
 * Looks for the operation's commit on the ref's line (first parents) down to `base`. Only where an earlier attempt may
 * have come that far: without a push whose end is unknown there is nothing to find.
 */
export async function findOwnCommit(
  operation: TypedOperation,
  group: OperationGroup,
  base: string | null,
): Promise<OwnCommit | null> {
  if (!group.mayBeDone(operation)) return null;
  const { git } = group.visit;
  for (let oid = group.plan.current(group.plan.mainRef); oid !== null && oid !== base;) {
    const own = await readOwnCommit(operation, git, oid);
    if (own) return own;
    oid = (await git.readCommit(oid)).parents[0] ?? null;
  }
  return null;
}
