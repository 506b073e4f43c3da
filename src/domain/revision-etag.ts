import { type Standing, standingConditions } from './draft-base.js';
import { type AuthorTie, unknownAuthors } from './release-policy.js';
import { versionedEtag } from './etag.js';

/** What the tag of a revision is made from; JSON as it is stored. */
export interface TaggedRevision extends Standing {
  version: number;
  gitState: string;
  gitMessage: string | null;
  commit: string | null;
  branch: string | null;
  conflictCommit: string | null;
  conditions: unknown;
  latest: boolean;
  authorTies: readonly AuthorTie[];
}

/**
 * The entity tag of a revision; what a push in the background notes down is not part of its version. `shown`: what else its
 * reader sees of what happens elsewhere.
 */
export function revisionEtag(row: TaggedRevision, shown: readonly unknown[] = []): string {
  const { gitState, gitMessage, commit, branch, conflictCommit, conditions, latest } = row;
  const standing = standingConditions(row);
  const unknown = unknownAuthors(row);
  const more = [standing, unknown, shown].filter(({ length }) => length > 0);
  return versionedEtag(row.version, [
    gitState,
    gitMessage,
    commit,
    branch,
    conflictCommit,
    conditions,
    latest,
    ...more,
  ]);
}
