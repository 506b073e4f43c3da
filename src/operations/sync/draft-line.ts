import type { GitObjects } from '../../git/port.js';

/**
 * Whether `tip` is one of the draft's own commits: on its line of first parents from `commit` down to `base`. A branch
 * that is elsewhere holds somebody's work, which is neither moved nor removed.
 */
export async function isOnDraftLine(
  git: GitObjects,
  draft: { commit: string | null; base: string | null },
  tip: string,
): Promise<boolean> {
  for (let oid = draft.commit; oid !== null;) {
    if (oid === tip) return true;
    if (oid === draft.base || !(await git.has(oid))) return false;
    oid = (await git.readCommit(oid)).parents[0] ?? null;
  }
  return false;
}
