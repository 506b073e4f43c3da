import { HEADS, branchRef, readRef, shortRef } from '../../domain/ref-layout.js';
import type { RemoteRefs } from '../../git/port.js';

/** What a repository without any branch of its own begins with. */
const FIRST_BRANCH = 'main';

/**
 * The branch of a repository that was registered without one: the remote's HEAD, and where it tells none `main`, or the
 * one branch that is there beside drafts.
 */
export function defaultBranch({ refs, head }: RemoteRefs): string {
  if (head?.startsWith(HEADS)) return shortRef(head);
  const branches = [...refs.keys()].filter((name) => readRef(name)?.kind === 'branch');
  const [only] = branches;
  if (branches.length === 1 && only !== undefined && !refs.has(branchRef(FIRST_BRANCH))) return shortRef(only);
  return FIRST_BRANCH;
}
