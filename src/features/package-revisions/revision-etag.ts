import { versionedEtag } from '../../domain/etag.js';
import type { RevisionRow } from './package-revision.store.js';

type TaggedFields = Pick<
  RevisionRow,
  'version' | 'gitState' | 'gitMessage' | 'commit' | 'branch' | 'conflictCommit' | 'conditions' | 'latest'
>;

/** The entity tag of a revision; what a push in the background notes down is not part of its version. */
export function revisionEtag(row: TaggedFields): string {
  const { gitState, gitMessage, commit, branch, conflictCommit, conditions, latest } = row;
  return versionedEtag(row.version, [gitState, gitMessage, commit, branch, conflictCommit, conditions, latest]);
}
