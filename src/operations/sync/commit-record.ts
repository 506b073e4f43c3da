import { readMessage } from '../../domain/commit-message.js';
import type { CampaignMark } from '../../domain/operation-payloads.js';
import type { Lifecycle } from '../../domain/lifecycle.js';
import { DECISIONS, type Decision, type RevisionSource, type Upstream } from '../../domain/revision.js';
import { isStorable, storableText } from '../../domain/storable-text.js';
import type { GitCommit, GitSignature } from '../../git/port.js';
import { decoded, readSource, sourceTrailers } from './source-record.js';
import type { SeenCommit } from '../../revisions/drift/found-drift.js';

/**
 * What pkgserver (and Porch) leave in commit messages, so that an index can be made again from Git alone.
 * The one place that knows the trailers' names and forms.
 */
export interface CommitRecord {
  workspace: string | null;
  revision: string | null;
  packageDirectory: string | null;
  operationId: string | null;
  baseCommit: string | null;
  /** The latest publication when the draft was begun or last rebased. */
  baseRevision: string | null;
  source: RevisionSource;
  upstream: Upstream | null;
  /** A draft's commit names the person who began it, those whose content it holds, and the one who proposed it. */
  createdBy: string | null;
  editedBy: string[];
  proposedBy: string | null;
  /** Whether pkgserver wrote this commit on a proposal, whether or not it knew who had proposed it. */
  isProposal: boolean;
  /** Of a draft that was sent back, or of one on the way to its approvals: the last decision. */
  decision: Decision | null;
  /** A publication's commit names the approvers in the order of their approvals. */
  approvedBy: string[];
  /** When a publication was approved, or a draft changed, to the millisecond. */
  publishedAt: Date | null;
  changedAt: Date | null;
  /** What was said with a decision. */
  comment: string | null;
  /** The reason that was given for a publication without what the policy asks for. */
  breakGlass: string | null;
}

export function readRecord(message: string): CommitRecord {
  const { trailers, trailerList, kpt } = readMessage(message);
  const all = (key: string) => trailerList.flatMap(([name, value]) => (name === key && value !== '' ? [value] : []));
  return {
    workspace: readWorkspace(kpt?.workspaceName) ?? readWorkspace(trailers.get('Workspace')),
    revision: trailers.get('Revision') ?? readPublished(kpt?.revision),
    packageDirectory: trailers.get('Package') ?? kpt?.package ?? null,
    operationId: trailers.get('Operation') ?? null,
    baseCommit: readOid(trailers.get('Base')),
    baseRevision: readWorkspace(trailers.get('Base-revision')),
    source: readSource(trailers),
    upstream: readUpstream(trailers.get('Upstream')),
    createdBy: all('Created-by').at(-1) ?? null,
    editedBy: all('Edited-by'),
    proposedBy: all('Proposed-by').at(-1) ?? null,
    isProposal: trailers.has('Proposed-by') || trailers.get('Lifecycle') === 'proposed',
    decision: readDecision(trailers),
    approvedBy: all('Approved-by'),
    publishedAt: readTime(trailers.get('Published-at')),
    changedAt: readTime(trailers.get('Changed-at')),
    comment: all('Comment').at(-1) ?? null,
    breakGlass: all('Break-glass').at(-1) ?? null,
  };
}

/** In an `Upstream:` trailer the directory that is the whole repository: an empty word is none. */
const WHOLE = '/';
/** The last word of one that was read at its place in Git. */
const FROM_GIT = 'git';

/** Reads like {@link readRecord}, for one package directory: a commit that names another package gives an empty record. */
export function recordOf(message: string, directory: string): CommitRecord {
  const record = readRecord(message);
  const named = record.packageDirectory;
  // Porch names packages relative to the directory it was registered with.
  return named === null || named === directory || directory.endsWith(`/${named}`) ? record : readRecord('');
}

/** The trailers that let a revision's origin be read again; the inverse of {@link readRecord}. */
export function originTrailers(revision: { source: RevisionSource; upstream: Upstream | null }): [string, string][] {
  const trailers = sourceTrailers(revision.source);
  if (revision.upstream?.commit && revision.upstream.tree) {
    const { url, directory, ref, commit, tree, fromGit } = revision.upstream;
    const parts = [url, directory || WHOLE, ref, commit, tree, ...(fromGit ? [FROM_GIT] : [])];
    trailers.push(['Upstream', parts.map(encodeURI).join(' ')]);
  }
  return trailers;
}

/** The trailers that say what a draft stands on. */
export const baseTrailers = (draft: { baseCommit: string | null; baseRevision: string | null }): [string, string][] => [
  ...(draft.baseCommit === null ? [] : [['Base', draft.baseCommit] as [string, string]]),
  ...(draft.baseRevision === null ? [] : [['Base-revision', draft.baseRevision] as [string, string]]),
];

/** The trailers that name a draft's authors: approvals are judged by them also after the index was lost. */
export function contributorTrailers(draft: {
  lifecycle: Lifecycle;
  createdBy: string;
  editors: readonly string[];
  proposedBy: string | null;
}): [string, string][] {
  return [
    ['Created-by', draft.createdBy],
    ...draft.editors.map((editor): [string, string] => ['Edited-by', editor]),
    ...proposalTrailers(draft),
  ];
}

/** Others make proposals by pushing a branch, which names no proposer; our commit on top then says that this is a proposal. */
function proposalTrailers({ lifecycle, proposedBy }: Parameters<typeof contributorTrailers>[0]): [string, string][] {
  if (lifecycle !== 'proposed') return [];
  return [proposedBy === null ? ['Lifecycle', 'proposed'] : ['Proposed-by', proposedBy]];
}

/** Names the user where the signature bears a full name. The inverse of {@link userOf}. */
export const userTrailers = (user: string, { name }: Pick<GitSignature, 'name'>): [string, string][] =>
  name === user ? [] : [['Acting-user', user]];

/** The user who made a commit or tag, by its signature and message: Git's own name where there is no other. */
export const userOf = ({ name }: GitSignature, message: string): string =>
  storableText(readMessage(message).trailers.get('Acting-user') ?? name);

/** The trailers of the last decision on a draft. */
export function decisionTrailers(decision: Decision | null): [string, string][] {
  if (decision === null) return [];
  const { action, at, by, comment } = decision;
  return [
    ['Decision', `${action} ${at}`],
    ['Decided-by', by],
    ...(comment === null ? [] : [['Comment', comment] as [string, string]]),
  ];
}

/** The trailers that say which campaign a publication belongs to, and who stood for its plan. */
export const campaignTrailers = ({ id, name, approvers }: CampaignMark): [string, string][] => [
  ['Campaign', `${name} ${id}`],
  ...approvers.map((approver): [string, string] => ['Campaign-approved-by', approver]),
];

/** The decision that a publication was: its approver is the last one, its time that of the commit. */
export function approvalOf({
  approvedBy,
  publishedAt,
  comment,
}: {
  approvedBy: string;
  publishedAt: Date;
  comment: string | null;
}) {
  return { by: approvedBy, at: publishedAt.toISOString(), action: 'approve' as const, comment };
}

/** Git's dates are whole seconds, and what the message records is believed for what they leave out. */
export function recordedTime(author: GitSignature, recorded: Date | null): Date {
  const signed = signatureDate(author);
  const parts = recorded === null ? 0 : recorded.getTime() - signed.getTime();
  return recorded !== null && parts >= 0 && parts < 1000 ? recorded : signed;
}

/** Git's signature as a point in time. */
export function signatureDate({ timestamp }: GitSignature): Date {
  return new Date(Math.min(Math.max(timestamp, 0), LATEST) * 1000);
}

/** Who is behind a commit. */
export function seenCommit({ oid, author, committer }: GitCommit): SeenCommit {
  return { commit: oid, author: nameOf(author), committer: nameOf(committer), committedAt: signatureDate(committer) };
}

/** `Name <address>`, as the commit has them. */
export const nameOf = ({ name, email }: GitSignature): string => storableText(`${name} <${email}>`).slice(0, MOST_NAME);

const MOST_NAME = 300;

/** The end of the year 9999: RFC 3339 cannot write a later date. */
const LATEST = 253_402_300_799;
/** A segment of a ref's name as Git allows it: workspaces in messages obey the same rule as those in branches. */
const WORKSPACE = /^(?!\.)(?!.*(?:\.\.|@\{|\.lock$|\.$))[^\s\p{Cc}\p{Surrogate}~^:?*[\\/]{1,255}$/u;

function readWorkspace(text: string | undefined): string | null {
  return text !== undefined && WORKSPACE.test(text) ? text : null;
}

/** Porch writes `v3` or `3`, and 0 in drafts. */
function readPublished(text: string | undefined): string | null {
  const number = /^v?([1-9]\d{0,8})$/.exec(text ?? '')?.[1];
  return number === undefined ? null : `v${number}`;
}

function readDecision(trailers: Map<string, string>): Decision | null {
  const [action, at = ''] = (trailers.get('Decision') ?? '').split(' ');
  const by = trailers.get('Decided-by');
  const known = DECISIONS.find((decision) => decision === action);
  if (!known || !by || readTime(at) === null) return null;
  const comment = trailers.get('Comment');
  return { by: storableText(by), at, action: known, comment: comment ? storableText(comment) : null };
}

function readTime(text: string | undefined): Date | null {
  if (text === undefined || !/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(text)) return null;
  const time = new Date(text);
  return Number.isNaN(time.getTime()) ? null : time;
}

function readUpstream(text: string | undefined): Upstream | null {
  const [url, directory, ref, commit, tree, origin] = (text ?? '').split(' ').map(decoded);
  if (!url || !directory || !ref || !commit || !tree) return null;
  if (!isStorable(text ?? '') || readOid(commit) === null || readOid(tree) === null) return null;
  const place = { url, directory: directory === WHOLE ? '' : directory, ref, commit, tree };
  return origin === FROM_GIT ? { ...place, fromGit: true } : place;
}

function readOid(text: string | undefined): string | null {
  return text !== undefined && /^[0-9a-f]{40}$/.test(text) ? text : null;
}
