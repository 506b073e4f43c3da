import type { PackageRevision } from '../database/generated/client.js';
import type { BreakGlass, Decision } from '../domain/revision.js';
import { versionKey } from '../domain/version.js';

/** A publication, as the worker that makes it knows it and as its tag and commit tell it again. */
export interface PublishedFacts {
  revision: string;
  /** OID of the package's tree. */
  tree: string;
  /** Short name of the tag, and the tagged commit. */
  tag: string;
  commit: string;
  publishedAt: Date;
  publishedBy: string;
  /** Whether somebody else has set the tag. */
  external: boolean;
  /** The approval that published it; null where its tag was set by other means. */
  decision: (Decision & { action: 'approve' }) | null;
  breakGlass: BreakGlass | null;
}

/**
 * The columns that make a row a published one, whether an approval published it or a sync found its tag: both give the
 * same row, so that an index made again from Git alone is the index that was lost. `updatedAt`: of a row that readers know already, when
 * it changed for them; they ask for what has changed since they asked last.
 */
export function published(publication: PublishedFacts, updatedAt = publication.publishedAt) {
  const { revision, tree, tag, commit, publishedAt, publishedBy, external, decision, breakGlass } = publication;
  return {
    lifecycle: 'published',
    revision,
    versionKey: versionKey(revision),
    tree,
    tag,
    commit,
    branch: null,
    pushedTree: tree,
    pushedBase: null,
    baseTree: null,
    baseRevision: null,
    deletionHead: null,
    gitState: 'synced',
    gitMessage: null,
    conflictCommit: null,
    conflictTree: null,
    publishedAt,
    publishedBy,
    external,
    updatedAt,
    updatedBy: publishedBy,
    lastDecision: decision,
    proposedPolicy: null,
    breakGlass,
  } satisfies Partial<PackageRevision>;
}
