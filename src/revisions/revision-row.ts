import type { PackageRevision, Repository } from '../database/generated/client.js';
import type { AuthorTie, ReleasePolicy } from '../domain/release-policy.js';
import type { PackageNow } from '../domain/draft-base.js';
import type { DeletionHead } from '../domain/head-state.js';
import type { StoredUpstreamStatus } from '../domain/upstream-status.js';
import type { BreakGlass, Condition, Decision, RevisionSource, Upstream } from '../domain/revision.js';

/** The JSON columns of a revision as what they hold: no other folder writes them. */
interface JsonColumns {
  source: RevisionSource;
  upstream: Upstream | null;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  conditions: Condition[];
  lastDecision: Decision | null;
  breakGlass: BreakGlass | null;
  proposedPolicy: ReleasePolicy | null;
  /** No JSON, but of two values only. */
  deletionHead: DeletionHead | null;
}

/** Every column of a revision, the size of the tree that readers see, and for drafts and proposals what they stand beside and who is behind them. */
export type RevisionRow = Omit<PackageRevision, keyof JsonColumns> &
  JsonColumns & {
    fileCount: number;
    sizeBytes: number;
    packageNow: PackageNow | null;
    authorTies: AuthorTie[];
    /** Null where it was made from nothing. */
    upstreamStatus: StoredUpstreamStatus | null;
  };

/** A revision, and where its repository is. */
export type PlacedRevision = RevisionRow & { place: Pick<Repository, 'url' | 'directory'> };
