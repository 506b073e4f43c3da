import type { GitCommit, GitObjects } from '../../git/port.js';
import { storableText } from '../../krm/krm-object.js';
import { recordOf } from './commit-record.js';

/** Commits of one draft that are looked through for their authors; a longer line of others' commits is cut off. */
const MAX_COMMITS = 1_000;
const MAX_NAME = 256;

export interface DraftContributors {
  createdBy: string | null;
  proposedBy: string | null;
  editors: string[];
}

/**
 * Whose content a draft holds: what pkgserver's own commits say, and the author of every commit that is in the draft
 * and not on the ref, merged ones included. Names add up: what a later commit claims puts somebody on the list and takes
 * nobody off it. Whether Git's authors are who they say is up to the remote.
 */
export async function draftContributors(
  git: GitObjects,
  tip: GitCommit,
  directory: string,
  isOnRef: (commit: string) => Promise<boolean>,
): Promise<DraftContributors> {
  const found: DraftContributors = { createdBy: null, proposedBy: null, editors: [] };
  const editors = new Set<string>();
  const creators = new Set<string>();
  const seen = new Set<string>([tip.oid]);
  const queue = [tip];
  for (let commit = queue.shift(); commit !== undefined; commit = queue.shift()) {
    const { message, author, parents } = commit;
    const record = recordOf(message, directory);
    // The oldest that says so comes last.
    found.createdBy = record.createdBy ?? found.createdBy;
    if (record.createdBy !== null) creators.add(record.createdBy);
    // The newest that does comes first: people commit on top of a proposal without a word.
    found.proposedBy ??= record.proposedBy;
    for (const name of record.editedBy) editors.add(name);
    const known = [record.createdBy, record.proposedBy];
    if (!known.includes(author.name)) {
      editors.add(author.name);
      if (author.email !== `${author.name}@localhost`) editors.add(author.email);
    }
    for (const parent of parents) {
      if (seen.has(parent) || seen.size > MAX_COMMITS) continue;
      seen.add(parent);
      // What a commit of ours is built on, it says itself; for others the ref's history has to be walked.
      if (parent === record.baseCommit || (record.createdBy === null && (await isOnRef(parent)))) continue;
      queue.push(await git.readCommit(parent));
    }
  }
  for (const creator of creators) if (creator !== found.createdBy) editors.add(creator);
  found.editors = [...new Set([...editors].map(storable))].filter((name) => name !== '');
  found.createdBy &&= storable(found.createdBy);
  found.proposedBy &&= storable(found.proposedBy);
  return found;
}

const storable = (name: string): string => storableText(name).trim().slice(0, MAX_NAME);
