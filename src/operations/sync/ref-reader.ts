import { Injectable } from '@nestjs/common';
import type { Repository } from '../../database/generated/client.js';
import { pathBelowDirectory } from '../../domain/identity.js';
import { HEADS, type RefMeaning, readRef, shortRef } from '../../domain/ref-layout.js';
import { readMessage } from '../../domain/commit-message.js';
import type { BreakGlass } from '../../domain/revision.js';
import type { GitCommit, GitObjects } from '../../git/port.js';
import { storableText } from '../../domain/storable-text.js';
import { EMPTY_TREE } from '../../git/objects/git-hash.js';
import {
  approvalOf,
  type CommitRecord,
  recordedTime,
  readRecord,
  recordOf,
  seenCommit,
  userOf,
} from './commit-record.js';
import { draftContributors } from './contributors.js';
import { GitSeal } from './git-seal.js';
import type { DraftFacts, TagFacts } from '../../revisions/git-facts.js';

/** At most so many commits of a draft are searched for its origin. */
const MAX_LINE = 100;

type Place = Pick<Repository, 'directory' | 'ref'>;

/**
 * Reads what one ref and its commits say. The content of the directory is read later: only then it is known whether it
 * is a package, and which upstream its Kptfile names. Null means that the ref names no package of this repository.
 */
@Injectable()
export class RefReader {
  constructor(private readonly seal: GitSeal) {}

  /** Reads the tag `F/<revision>`: it is a published revision if F is a package in the tagged commit. */
  async readTag(git: GitObjects, place: Place, ref: string, oid: string): Promise<TagFacts | null> {
    const meaning = readRef(ref);
    if (meaning?.kind !== 'tag') return null;
    const path = pathBelowDirectory(place.directory, meaning.directory);
    const peeled = path === null ? null : await git.peel(oid);
    if (path === null || peeled === null) return null;
    const commit = await git.readCommit(peeled.commit);
    const tree = await git.treeAt(commit.tree, meaning.directory);
    if (tree === null) return null;
    const record = recordOf(commit.message, meaning.directory);
    // The commit's date is that of the content: a tag may be set, or set again, much later.
    const publishedAt = recordedTime(commit.author, record.publishedAt);
    const [tag] = peeled.tags;
    const publishedBy = tag?.tagger ? userOf(tag.tagger, tag.message) : userOf(commit.author, commit.message);
    // A tag of ours under another name, or around another one, is somebody's.
    const isOwn = tag?.object === commit.oid && tag.tag === shortRef(ref) && this.seal.hasMadeTag(tag);
    return {
      ref,
      path,
      revision: meaning.revision,
      isRecorded: record.packageDirectory !== null && record.revision === meaning.revision,
      workspace: workspaceOf(record, meaning.revision),
      tree,
      commit: commit.oid,
      tip: seenCommit(commit),
      source: record.source,
      upstream: record.upstream,
      publishedAt,
      publishedBy,
      external: !isOwn,
      decision: decisionOf(record, publishedAt),
      breakGlass: brokenGlass(record, publishedAt, publishedBy),
    };
  }

  /** Reads a draft's branch, of either dialect. Its directory may hold anything, or nothing yet. */
  async readDraft(
    git: GitObjects,
    place: Place,
    ref: string,
    oid: string,
    isOnRef: (commit: string) => Promise<boolean>,
  ): Promise<DraftFacts | null> {
    const meaning = readRef(ref);
    const name = draftName(meaning, ref, place);
    const path = name && pathBelowDirectory(place.directory, name.directory);
    const peeled = name && path !== null ? await git.peel(oid) : null;
    if (!name || path === null || !peeled) return null;
    const commit = await git.readCommit(peeled.commit);
    if (meaning?.kind === 'branch' && readMessage(commit.message).pkgserver === null) return null;
    const own = recordOf(commit.message, name.directory);
    const origin = await draftOrigin(git, commit, name.directory);
    return {
      ref,
      path,
      workspace: name.workspace,
      lifecycle: meaning?.kind === 'proposed' ? 'proposed' : 'draft',
      tree: (await git.treeAt(commit.tree, name.directory)) ?? EMPTY_TREE,
      commit: commit.oid,
      tip: seenCommit(commit),
      baseCommit: own.baseCommit,
      baseTree: null,
      baseRevision: own.baseRevision,
      operationId: own.operationId,
      source: origin.source,
      upstream: origin.upstream,
      changedAt: recordedTime(commit.author, own.changedAt),
      changedBy: userOf(commit.author, commit.message),
      lastDecision: origin.decision,
      ...(await draftContributors(git, commit, name.directory, isOnRef, (made) => this.seal.hasMadeCommit(made))),
    };
  }
}

/** The draft's that a tag publishes, as its commit says: one that was made for another revision says nothing of this one. */
function workspaceOf({ workspace, revision }: CommitRecord, tagged: string): string {
  return workspace !== null && (revision === null || revision === tagged) ? workspace : tagged;
}

/** Null for a commit that no approval has made. */
function decisionOf({ approvedBy, comment, breakGlass }: CommitRecord, publishedAt: Date) {
  const last = approvedBy.at(-1);
  if (last === undefined) return null;
  const said = breakGlass ?? comment;
  return approvalOf({
    approvedBy: storableText(last),
    publishedAt,
    comment: said === null ? null : storableText(said),
  });
}

function brokenGlass(record: CommitRecord, publishedAt: Date, publishedBy: string): BreakGlass | null {
  if (record.breakGlass === null) return null;
  const by = storableText(record.approvedBy.at(-1) ?? publishedBy);
  return { by, reason: storableText(record.breakGlass), at: publishedAt.toISOString() };
}

/** Finds the newest commit that records what the draft was made from: people commit on top of it without a record. */
async function draftOrigin(git: GitObjects, tip: GitCommit, directory: string): Promise<CommitRecord> {
  const nothing = readRecord('');
  let commit = tip;
  for (let step = 0; step < MAX_LINE; step += 1) {
    const record = recordOf(commit.message, directory);
    // The draft began at this publication, which records another revision.
    if (record.packageDirectory !== null) return record.revision === null ? record : nothing;
    const [parent] = commit.parents;
    if (parent === undefined) break;
    commit = await git.readCommit(parent);
  }
  return nothing;
}

function draftName(
  meaning: RefMeaning | null,
  ref: string,
  place: Place,
): { directory: string; workspace: string } | null {
  if (meaning?.kind === 'drafts' || meaning?.kind === 'proposed') return meaning;
  if (meaning?.kind !== 'branch' || meaning.directory === null || ref === HEADS + shortRef(place.ref)) return null;
  return { directory: meaning.directory, workspace: meaning.workspace };
}

/** Finds the first commit on the draft's line (first parents) that the ref's history holds, or null. */
export async function findBase(
  git: GitObjects,
  tip: string,
  isOnRef: (commit: string) => Promise<boolean>,
): Promise<string | null> {
  let commit: string | undefined = tip;
  while (commit !== undefined) {
    if (await isOnRef(commit)) return commit;
    const { parents }: GitCommit = await git.readCommit(commit);
    // Somebody has merged the ref into the draft: it stands on that from there on.
    for (const merged of parents.slice(1)) if (await isOnRef(merged)) return merged;
    commit = parents[0];
  }
  return null;
}
