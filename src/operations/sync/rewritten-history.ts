import type { Repository } from '../../database/generated/client.js';
import { branchRef } from '../../domain/ref-layout.js';
import type { GitObjects } from '../../git/port.js';
import type { FoundDrift } from '../../revisions/drift/found-drift.js';
import { seenCommit } from './commit-record.js';
import { lazyHistory } from './ref-history.js';

/** What is found where the ref, at `head`, does not hold the commit any more that it was at: one that was merged in, it holds. */
export async function lostTip(
  git: GitObjects,
  repository: Repository,
  { tip, head }: { tip: string; head: string },
): Promise<FoundDrift[]> {
  if (await lazyHistory(git, head)(tip)) return [];
  const place = { repositoryId: repository.id, path: null, ref: branchRef(repository.ref), revisionId: null };
  const seen = seenCommit(await git.readCommit(head));
  return [{ kind: 'historyRewritten', ...place, git: seen, held: { commit: tip } }];
}
