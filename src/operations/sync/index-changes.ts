import type { GoneTag } from '../../revisions/changed-tags.js';
import type { DraftFacts, TagFacts } from '../../revisions/git-facts.js';

/** The differences that a sync, or one slice of a large sync, found; they are written in one transaction. */
export interface IndexChanges {
  /** New and moved tags that are published revisions. */
  tags: TagFacts[];
  /** Tags that are no published revision any more. */
  goneTags: GoneTag[];
  /** Drafts whose branches changed; `remote` is null when both the draft and the proposed branch are gone. */
  drafts: { path: string; workspace: string; remote: DraftFacts | null }[];
  deletionProposals: { path: string; revision: string; ref: string; present: boolean }[];
  heads: { path: string; tree: string | null }[];
  /** The highest revision number seen or given out, by package path. */
  numbers: Map<string, bigint>;
  refs: { name: string; oid: string | null; ignored: boolean }[];
}
