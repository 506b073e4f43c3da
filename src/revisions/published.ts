import type { PackageRevision } from '../database/generated/client.js';
import type { BreakGlass } from '../domain/revision.js';
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
  breakGlass: BreakGlass | null;
}

/**
 * The columns that make a row a published one, whether an approval published it or a sync found its tag: both give the
 * same row, so that an index made again from Git alone is the index that was lost.
 */
export function published({ revision, tree, tag, commit, publishedAt, publishedBy, breakGlass }: PublishedFacts) {
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
    gitState: 'synced',
    gitMessage: null,
    conflictCommit: null,
    conflictTree: null,
    publishedAt,
    publishedBy,
    updatedAt: publishedAt,
    updatedBy: publishedBy,
    breakGlass,
  } satisfies Partial<PackageRevision>;
}
