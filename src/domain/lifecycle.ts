import { DomainError } from './errors.js';

/** The states of a package revision and the only ways between them. docs/architecture.md shows them. */
export const LIFECYCLES = ['draft', 'proposed', 'published', 'deletionProposed'] as const;
export type Lifecycle = (typeof LIFECYCLES)[number];

export const ACTIONS = [
  'edit',
  'propose',
  'reject',
  'withdraw',
  'approve',
  'rebase',
  'resolve',
  'propose-deletion',
  'reject-deletion',
  'delete',
  'copy',
  'clone',
] as const;
export type Action = (typeof ACTIONS)[number];

const ALLOWED: Record<Lifecycle, readonly Action[]> = {
  draft: ['edit', 'propose', 'delete'],
  proposed: ['reject', 'withdraw', 'approve', 'delete'],
  published: ['propose-deletion', 'copy', 'clone'],
  deletionProposed: ['reject-deletion', 'delete', 'copy', 'clone'],
};

/** What may be done with a revision in this state. */
export function allowedActions(lifecycle: Lifecycle): readonly Action[] {
  return ALLOWED[lifecycle];
}

/** What may be done with a draft or proposal that is in conflict with its branch, or whose package has changed since its base. */
export function actionsNow(
  lifecycle: Lifecycle,
  { inConflict, isBehind }: { inConflict: boolean; isBehind: boolean },
): readonly Action[] {
  const actions = allowedActions(lifecycle);
  if (inConflict) return [...actions.filter((action) => action !== 'propose' && action !== 'approve'), 'resolve'];
  return isBehind && lifecycle === 'draft' ? [...actions, 'rebase'] : actions;
}

/** The states in which something may be done with a revision. */
export const statesAllowing = (action: Action): Lifecycle[] =>
  LIFECYCLES.filter((lifecycle) => ALLOWED[lifecycle].includes(action));

export const isPublished = (lifecycle: Lifecycle): boolean =>
  lifecycle === 'published' || lifecycle === 'deletionProposed';

/** Throws `stateConflict` with the present state and what is allowed in it; callers are told what they may do of that. */
export function assertAllowed(revision: { name: string; lifecycle: Lifecycle }, action: Action): void {
  const allowed = allowedActions(revision.lifecycle);
  if (allowed.includes(action)) return;
  throw new DomainError(
    'stateConflict',
    `"${revision.name}" is ${revision.lifecycle}; "${action}" is not possible in that state.`,
    { lifecycle: revision.lifecycle, allowedActions: [...allowed] },
    { about: revision },
  );
}
