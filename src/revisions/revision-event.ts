import type { Condition } from '../domain/revision.js';
import type { NewEvent, PackageRevisionFacts } from '../events/event-data.js';
import { REVISION_CHANGES, type RevisionChange, type RevisionState } from './revision-change.js';

const CONTENT = ['lifecycle', 'revision', 'tree', 'commit'] as const;

/** What those who follow events are told of a change; nothing where it is of no use to them. */
export function eventOf({ kind, before, after, by, conditions }: RevisionChange): NewEvent[] {
  const { event } = REVISION_CHANGES[kind];
  const row = after ?? before;
  if (event === null || row === null) return [];
  const { id, name, repositoryId, packageId, path, workspace, lifecycle, revision, tree, commit } = row;
  const facts: PackageRevisionFacts = {
    ...{ id, name, repositoryId, packageId, path, workspace, lifecycle, revision, tree, commit },
    previously: before && after ? changedIn(before, after) : {},
    ...(conditions && { conditions: conditions.map(told) }),
  };
  return [{ type: `packageRevision.${event}`, repositoryId, path, facts, ...(by !== undefined && { actor: by }) }];
}

/** What whoever set a condition says, and nothing of what the engine judges it by. */
const told = ({ type, status, reason, message, lastTransitionTime }: Condition): Condition => ({
  ...{ type, status, reason, message, lastTransitionTime },
});

/** What was another before. */
function changedIn(before: RevisionState, after: RevisionState): PackageRevisionFacts['previously'] {
  return Object.fromEntries(CONTENT.filter((key) => before[key] !== after[key]).map((key) => [key, before[key]]));
}
