import type { Lifecycle } from '../domain/lifecycle.js';
import type { SeenCommit } from './drift/found-drift.js';
import type { BreakGlass, Decision, RevisionSource, Upstream } from '../domain/revision.js';

/** What Git says, before it is compared with the index. Paths are relative to the repository's directory. */

interface Provenance {
  path: string;
  workspace: string;
  /** OID of the package's tree. */
  tree: string;
  commit: string;
  /** Who is behind that commit. */
  tip: SeenCommit;
  source: RevisionSource;
  upstream: Upstream | null;
}

/** A published revision: the tag `F/<revision>`. */
export interface TagFacts extends Provenance {
  ref: string;
  revision: string;
  /** Whether its commit says by itself that it publishes this revision: then it is one, wherever in F its KRM lies. */
  isRecorded: boolean;
  publishedAt: Date;
  publishedBy: string;
  /** Whether somebody else than this service has set the tag. */
  external: boolean;
  decision: (Decision & { action: 'approve' }) | null;
  breakGlass: BreakGlass | null;
}

/** A commit of a draft that this service has made, by the push of an operation. */
export interface OwnDraftCommit {
  commit: string;
  operationId: string | null;
}

/** A draft or proposed revision: the tip of its branch. */
export interface DraftFacts extends Provenance {
  ref: string;
  lifecycle: Extract<Lifecycle, 'draft' | 'proposed'>;
  baseCommit: string | null;
  /** What the base commit holds of the package, and the latest publication of then as pkgserver's commits say. */
  baseTree: string | null;
  baseRevision: string | null;
  /** The operation whose push made the tip, as its trailer says. */
  operationId: string | null;
  /** The newest commits as far down as this service has made them all, the tip first. */
  ownCommits: OwnDraftCommit[];
  changedAt: Date;
  changedBy: string;
  /** As pkgserver's own commits say; null where none does. */
  createdBy: string | null;
  proposedBy: string | null;
  lastDecision: Decision | null;
  /** Whose content is in it: as pkgserver's own commits say, and everybody who committed to it, by name and address. */
  editors: string[];
  /** Of the commits that did not come through the service: `Name <address>` of each person behind one. */
  gitAuthors: string[];
}
