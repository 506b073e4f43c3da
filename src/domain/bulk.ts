import type { DeletionHead } from './head-state.js';
import type { DefaultResolution, NewUpstream, Resolution, UpgradeStrategy } from './upgrade.js';

/** How many revisions one request may be about. */
export const MOST_ITEMS = 5_000;

/** What the requests of single revisions take in their bodies and queries; each action takes some of it. */
export type BulkParameters = {
  comment?: string | undefined;
  /** Of a deletion: although others name it as their upstream, or the ref differs. */
  force?: boolean | undefined;
  /** Of a deletion to propose: what the ref is to hold then. */
  head?: DeletionHead | undefined;
  labels?: { [key: string]: string | null } | null | undefined;
  annotations?: { [key: string]: string | null } | null | undefined;
  /** The workspace of each draft that an upgrade makes. */
  workspace?: string | undefined;
  /** The newest unless it says another. */
  to?: NewUpstream | undefined;
  /** An upgrade brings whatever was made from this package to the new revision, the package itself and its folders; left out: the package itself. */
  upstreamPackageId?: string | undefined;
  strategy?: UpgradeStrategy | undefined;
  allowOtherPackage?: boolean | undefined;
  resolutions?: { [conflictId: string]: Resolution } | undefined;
  defaultResolution?: DefaultResolution | undefined;
};
