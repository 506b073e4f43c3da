import type { GitCommit, GitObjects } from '../../git/port.js';
import { readMessage } from '../../domain/commit-message.js';
import { storableText } from '../../domain/storable-text.js';
import type { OwnDraftCommit } from '../../revisions/git-facts.js';
import { recordOf, userOf } from './commit-record.js';

/** At most so many commits of one draft are searched for authors; older ones are left out. */
const MAX_COMMITS = 1_000;
const MAX_NAME = 256;

export interface DraftContributors {
  /** The draft's newest commits as far down as the service has made them all, the tip first. */
  ownCommits: OwnDraftCommit[];
  createdBy: string | null;
  proposedBy: string | null;
  editors: string[];
  gitAuthors: string[];
}

/**
 * Finds the people whose content a draft holds: those whom pkgserver's own commits name, and of every other commit that
 * the draft has and the ref has not, merged ones included, author, committer and co-authors. A later commit can add a name
 * and never removes one. The remote is trusted to say who Git's authors are; `isOurs` tells which commits need no such trust.
 */
export async function draftContributors(
  git: GitObjects,
  tip: GitCommit,
  directory: string,
  isOnRef: (commit: string) => Promise<boolean>,
  isOurs: (commit: GitCommit) => boolean,
): Promise<DraftContributors> {
  const found: DraftContributors = { ownCommits: [], createdBy: null, proposedBy: null, editors: [], gitAuthors: [] };
  let nextOwn: string | undefined = tip.oid;
  const editors = new Set<string>();
  const creators = new Set<string>();
  const gitAuthors = new Set<string>();
  const seen = new Set<string>([tip.oid]);
  const queue = [tip];
  for (let commit = queue.shift(); commit !== undefined; commit = queue.shift()) {
    const { message, author, parents } = commit;
    const ours = isOurs(commit);
    const record = recordOf(message, directory);
    if (ours && commit.oid === nextOwn) {
      found.ownCommits.push({ commit: nextOwn, operationId: record.operationId });
      nextOwn = parents[0];
    }
    // The walk goes back in time, so the value of the oldest commit is the one that stays.
    found.createdBy = record.createdBy ?? found.createdBy;
    if (record.createdBy !== null) creators.add(record.createdBy);
    // The newest record counts: people commit on top of a proposal without writing one.
    found.proposedBy ??= record.proposedBy;
    for (const name of record.editedBy) editors.add(name);
    const known = [record.createdBy, record.proposedBy, record.decision?.by];
    const user = userOf(author, message);
    if (ours && !known.includes(user)) editors.add(user);
    for (const { name, email } of ours ? [] : peopleOf(commit)) {
      // Also where a key that is lost has sealed it, and it is ours after all.
      editors.add(name).add(email).add(user);
      gitAuthors.add(`${name.slice(0, MAX_NAME)} <${email.slice(0, MAX_NAME)}>`);
    }
    for (const parent of parents) {
      if (seen.has(parent) || seen.size > MAX_COMMITS) continue;
      seen.add(parent);
      // Our own commits name their base; for others the ref's history has to be walked.
      if (ours ? parent === record.baseCommit : await isOnRef(parent)) continue;
      queue.push(await git.readCommit(parent));
    }
  }
  for (const creator of creators) if (creator !== found.createdBy) editors.add(creator);
  found.editors = [...new Set([...editors].map(storable))].filter((name) => name !== '');
  found.gitAuthors = [...gitAuthors].map(storableText).sort();
  found.createdBy &&= storable(found.createdBy);
  found.proposedBy &&= storable(found.proposedBy);
  return found;
}

const storable = (name: string): string => storableText(name).trim().slice(0, MAX_NAME);

const CO_AUTHOR = /^(.*?)\s*<([^<>]*)>$/;

/** Everybody whom a commit names as a person behind it. */
function peopleOf({ author, committer, message }: GitCommit): { name: string; email: string }[] {
  const coAuthors = readMessage(message).trailerList.flatMap(([key, value]) => {
    const [, name, email] = (/^co-authored-by$/i.test(key) && CO_AUTHOR.exec(value)) || [];
    return name === undefined || email === undefined ? [] : [{ name, email }];
  });
  return [author, committer, ...coAuthors];
}
