import { DomainError } from './errors.js';

/** What a proposed revision needs before it is published, and who may say so. Pure; the rows come from elsewhere. */

/** Who counts as an author: whoever created the draft, everybody whose content is in it, whoever proposed it. */
export const AUTHOR_KINDS = ['creator', 'editors', 'proposer'] as const;
export type AuthorKind = (typeof AUTHOR_KINDS)[number];

export interface ReleasePolicy {
  /** 1 to 10, of different people. */
  requiredApprovals: number;
  /** Whether an author's approval counts. */
  selfApproval: boolean;
  authors: AuthorKind[];
  /** Types of conditions that must be `True` for the content; those of the package's Kptfile come on top. */
  readinessGates: string[];
}

/** What a repository's owner has set; what is left out has its default. */
export type GivenPolicy = Partial<ReleasePolicy>;

/** The people behind a revision. Git authors are there by name and by e-mail address. */
export interface Contributors {
  createdBy: string;
  editors: readonly string[];
  proposedBy: string | null;
  /** The people who pushed commits to the branch of a draft or proposal by Git, past the service. */
  authorTies: readonly AuthorTie[];
}

/** The author of a commit that was pushed by Git, and the users of this service that are known to be that person. */
export interface AuthorTie {
  /** `Name <address>`, as the commits have it. */
  author: string;
  /** The users with that address, as the identity provider has verified it. */
  users: string[];
}

/** Those of whom nobody can say who they are here: it could be whoever approves. */
export const unknownAuthors = ({ authorTies }: Pick<Contributors, 'authorTies'>): string[] =>
  authorTies.filter(({ users }) => users.length === 0).map(({ author }) => author);

/** How many people have to approve: one more where authors are not known. `verified` as in {@link judgeApprovals}. */
export const requiredApprovals = (
  policy: Pick<ReleasePolicy, 'requiredApprovals'>,
  revision: Pick<Contributors, 'authorTies'>,
  verified: boolean,
): number => policy.requiredApprovals + (verified && unknownAuthors(revision).length > 0 ? 1 : 0);

export interface Person {
  user: string;
  email: string | null;
}

const VOID_REASONS = ['withdrawn', 'rejected', 'changed'] as const;
export type VoidReason = (typeof VOID_REASONS)[number];

/** An approval as it was given. */
export interface GivenApproval {
  approvedBy: string;
  email: string | null;
  /** The content it was given for. */
  tree: string;
  voidReason: string | null;
  /** Given by breaking the glass. */
  breakGlass: boolean;
}

/** Why an approval does not count. */
export type NotCounted = VoidReason | 'breakGlass' | 'noRole' | 'ownWork' | 'repeated';

export interface Gate {
  type: string;
  /** `Unknown` where nobody has said anything about the present content. */
  status: 'True' | 'False' | 'Unknown';
  reason: string;
  met: boolean;
}

interface StoredCondition {
  type: string;
  status: Gate['status'];
  reason: string;
  /** The content it was set for; undefined: not by a checker. */
  tree?: string;
}

/** The policy as it is in force. Deployment repositories ask for a second person, catalogs do not. */
export function policyOf(repository: { deployment: boolean; policy: unknown }): ReleasePolicy {
  const given = (repository.policy ?? {}) as GivenPolicy;
  return {
    requiredApprovals: given.requiredApprovals ?? 1,
    selfApproval: given.selfApproval ?? !repository.deployment,
    authors: given.authors ?? [...AUTHOR_KINDS],
    readinessGates: given.readinessGates ?? [],
  };
}

/** What two policies ask for together: whatever satisfies it satisfies both. */
export const stricterOf = (one: ReleasePolicy, other: ReleasePolicy): ReleasePolicy => ({
  requiredApprovals: Math.max(one.requiredApprovals, other.requiredApprovals),
  selfApproval: one.selfApproval && other.selfApproval,
  authors: AUTHOR_KINDS.filter((kind) => one.authors.includes(kind) || other.authors.includes(kind)),
  readinessGates: [...new Set([...one.readinessGates, ...other.readinessGates])],
});

/**
 * The policy that a revision is judged by. `proposedPolicy` is the one that was in force when it was proposed, null for what
 * is no proposal: loosening a policy helps no proposal that is open already.
 */
export function policyFor(
  repository: { deployment: boolean; policy: unknown },
  { proposedPolicy }: { proposedPolicy: unknown },
): ReleasePolicy {
  const present = policyOf(repository);
  return proposedPolicy === null ? present : stricterOf(present, proposedPolicy as ReleasePolicy);
}

/** The settings in which two policies differ, each with its value in both as JSON; of gates each one that came or went. */
export function policyChanges(
  before: ReleasePolicy,
  after: ReleasePolicy,
): { setting: keyof ReleasePolicy; before: string | null; after: string | null }[] {
  const settings = (['requiredApprovals', 'selfApproval', 'authors'] as const).flatMap((setting) => {
    const [old, now] = [JSON.stringify(before[setting]), JSON.stringify(after[setting])];
    return old === now ? [] : [{ setting, before: old, after: now }];
  });
  const setting = 'readinessGates' as const;
  const gone = before.readinessGates.filter((gate) => !after.readinessGates.includes(gate));
  const come = after.readinessGates.filter((gate) => !before.readinessGates.includes(gate));
  return [
    ...settings,
    ...gone.map((gate) => ({ setting, before: gate, after: null })),
    ...come.map((gate) => ({ setting, before: null, after: gate })),
  ];
}

/** One person under several spellings would be two, so case says nothing: neither in names nor in addresses. */
const key = (name: string): string => name.trim().toLowerCase();

export const isSameName = (one: string, other: string): boolean => key(one) === key(other);

const isOneOf = ({ user, email }: Person, names: readonly string[]): boolean =>
  names.some((name) => isSameName(name, user) || (email !== null && isSameName(name, email)));

/** In which ways somebody is an author of the revision; empty: in none that the policy asks about. */
export function authorshipOf(
  person: Person,
  revision: Contributors,
  policy: Pick<ReleasePolicy, 'authors'>,
): AuthorKind[] {
  const names: Record<AuthorKind, readonly string[]> = {
    creator: [revision.createdBy],
    editors: [...revision.editors, ...revision.authorTies.flatMap(({ users }) => users)],
    proposer: revision.proposedBy === null ? [] : [revision.proposedBy],
  };
  return policy.authors.filter((kind) => isOneOf(person, names[kind]));
}

/**
 * Which approvals count, beside each other in the order they were given. `verified` false: names are only believed, so
 * that no rule tells an author from anybody else. `mayApprove` tells whether whoever gave one still may.
 */
export function judgeApprovals<Approval extends GivenApproval>(
  approvals: readonly Approval[],
  revision: Contributors & { tree: string },
  policy: ReleasePolicy,
  verified: boolean,
  mayApprove: (approval: Approval) => boolean,
): { approval: Approval; notCounted: NotCounted | null }[] {
  const counted = new Set<string>();
  return approvals.map((approval) => {
    const strict = verified && !policy.selfApproval ? policy : null;
    const judged = judge(approval, revision, strict, counted);
    const isGiven = judged === null || judged === 'ownWork' || judged === 'repeated';
    const notCounted = isGiven && !mayApprove(approval) ? 'noRole' : judged;
    if (notCounted === null) counted.add(key(approval.approvedBy));
    return { approval, notCounted };
  });
}

function judge(
  { approvedBy, email, tree, voidReason, breakGlass }: GivenApproval,
  revision: Contributors & { tree: string },
  strict: ReleasePolicy | null,
  counted: ReadonlySet<string>,
): NotCounted | null {
  if (voidReason !== null) return VOID_REASONS.find((reason) => reason === voidReason) ?? 'changed';
  if (tree !== revision.tree) return 'changed';
  if (breakGlass) return 'breakGlass';
  if (strict && authorshipOf({ user: approvedBy, email }, revision, strict).length > 0) return 'ownWork';
  return counted.has(key(approvedBy)) ? 'repeated' : null;
}

/** The state of every gate, for the content that the revision has now. */
export function gatesOf(types: readonly string[], conditions: readonly StoredCondition[], tree: string): Gate[] {
  return [...new Set(types)].map((type) => {
    const found = conditions.find((condition) => condition.type === type);
    if (!found) return { type, status: 'Unknown', reason: 'NotSet', met: false };
    if (found.tree !== tree) return { type, status: 'Unknown', reason: 'ContentChanged', met: false };
    return { type, status: found.status, reason: found.reason, met: found.status === 'True' };
  });
}

/** How many approvals are still needed. */
export const missingApprovals = (counted: number, required: number): number => Math.max(0, required - counted);

/** A deletion takes two as well. Throws `selfApproval`; where the proposal came by Git alone, nobody can tell whose it was. */
export function assertOthersDeletion(
  { name, proposedBy }: { name: string; proposedBy: string | null },
  policy: ReleasePolicy,
  { user, email, verified }: Person & { verified: boolean },
): void {
  if (!verified || policy.selfApproval) return;
  if (proposedBy === null) {
    throw new DomainError(
      'selfApproval',
      `Nobody knows who proposed to delete "${name}". Reject that, and have somebody else propose it again.`,
      { authorship: [] },
    );
  }
  if (!isOneOf({ user, email }, [proposedBy])) return;
  throw new DomainError('selfApproval', `You proposed to delete "${name}"; somebody else has to do it.`, {
    authorship: ['proposer'],
  });
}

/** Throws `gatesNotMet` with what is missing. */
export function assertGatesMet(revision: { name: string }, gates: readonly Gate[]): void {
  const missing = gates.filter(({ met }) => !met).map(({ type, status, reason }) => ({ type, status, reason }));
  if (missing.length === 0) return;
  const types = missing.map(({ type }) => type).join(', ');
  throw new DomainError('gatesNotMet', `"${revision.name}" does not pass all its readiness gates yet: ${types}.`, {
    missing,
  });
}
