import type { GitCommit, GitObjects } from '../../git/port.js';
import { storableText } from '../../domain/storable-text.js';
import { recordOf } from './commit-record.js';

/** At most so many commits of one draft are searched for authors; older ones are left out. */
const MAX_COMMITS = 1_000;
const MAX_NAME = 256;

export interface DraftContributors {
  createdBy: string | null;
  proposedBy: string | null;
  editors: string[];
}

/**
 * Finds the people whose content a draft holds: those whom pkgserver's own commits name, and the author of every commit
 * that the draft has and the ref has not, merged ones included. A later commit can add a name and never removes one.
 * The remote is trusted to say who Git's authors are.
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
    // The walk goes back in time, so the value of the oldest commit is the one that stays.
    found.createdBy = record.createdBy ?? found.createdBy;
    if (record.createdBy !== null) creators.add(record.createdBy);
    // The newest record counts: people commit on top of a proposal without writing one.
    found.proposedBy ??= record.proposedBy;
    for (const name of record.editedBy) editors.add(name);
    const known = [record.createdBy, record.proposedBy, record.decision?.by];
    if (!known.includes(author.name)) {
      editors.add(author.name);
      if (author.email !== `${author.name}@localhost`) editors.add(author.email);
    }
    for (const parent of parents) {
      if (seen.has(parent) || seen.size > MAX_COMMITS) continue;
      seen.add(parent);
      // Our own commits name their base; for others the ref's history has to be walked.
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
