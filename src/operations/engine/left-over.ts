import { isBranchDeletion } from '../../git/one-by-one.js';
import { GitError, type RefChange } from '../../git/port.js';
import type { RepositoryVisit } from '../visit/repository-visit.js';

/** A branch that nobody needs any more, and why the remote does not delete it. */
export interface LeftOver {
  ref: string;
  reason: string;
}

/** The answer of a remote that will not. */
export const isRefusal = (error: unknown): error is GitError => error instanceof GitError && error.code === 'rejected';

/**
 * Pushes the changes. Deletions of branches are housekeeping: where the remote refuses them, all else is pushed without,
 * and they are left over. Throws as a push does where it is not they that are refused.
 */
export async function pushTidily(
  { git, signal }: RepositoryVisit,
  changes: readonly RefChange[],
  objects: readonly string[],
): Promise<LeftOver[]> {
  const deletions = changes.filter(isBranchDeletion);
  const needed = changes.filter((change) => !isBranchDeletion(change));
  try {
    await git.push(changes, objects, signal);
    return [];
  } catch (error) {
    if (!isRefusal(error) || !mayBeDeletions(error, deletions)) throw error;
    await git.push(without(needed, error.data.made), objects, signal);
    return pushDeletions({ git, signal }, deletions, error);
  }
}

/** Pushes deletions of branches of which the remote has refused some, or all, before. */
async function pushDeletions(
  remote: Pick<RepositoryVisit, 'git' | 'signal'>,
  deletions: readonly RefChange[],
  refusal: GitError,
): Promise<LeftOver[]> {
  const named = refusal.data.refs?.filter(({ ref }) => deletions.some((deletion) => deletion.ref === ref)) ?? [];
  // One that refuses all refs of a set with one reason, as hooks of hosts do, has not said which it is.
  const refused = refusal.data.refs?.length === named.length ? named : [];
  const open = without(deletions, [...(refusal.data.made ?? []), ...refused.map(({ ref }) => ref)]);
  if (open.length === 0) return refused;
  try {
    await remote.git.push(open, [], remote.signal);
    return refused;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const others = error.data.refs ?? [];
    const rest = without(open, [...(error.data.made ?? []), ...others.map(({ ref }) => ref)]);
    const unnamed = rest.map(({ ref }) => ({ ref, reason: 'refused together with others' }));
    return [...refused, ...others, ...unnamed];
  }
}

/** Whether it can be the deletions that the remote refuses: it names one of them, or nobody. */
function mayBeDeletions({ data: { refs = [] } }: GitError, deletions: readonly RefChange[]): boolean {
  return (
    deletions.length > 0 && (refs.length === 0 || refs.some(({ ref }) => deletions.some((one) => one.ref === ref)))
  );
}

const without = (changes: readonly RefChange[], refs: readonly string[] = []): RefChange[] =>
  changes.filter(({ ref }) => !refs.includes(ref));
