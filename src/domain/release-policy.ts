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
}

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
export type NotCounted = VoidReason | 'breakGlass' | 'ownWork' | 'repeated';

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
    editors: revision.editors,
    proposer: revision.proposedBy === null ? [] : [revision.proposedBy],
  };
  return policy.authors.filter((kind) => isOneOf(person, names[kind]));
}

/**
 * Which approvals count, beside each other in the order they were given. `verified` false: names are only believed, so
 * that no rule tells an author from anybody else.
 */
export function judgeApprovals<Approval extends GivenApproval>(
  approvals: readonly Approval[],
  revision: Contributors & { tree: string },
  policy: ReleasePolicy,
  verified: boolean,
): { approval: Approval; notCounted: NotCounted | null }[] {
  const counted = new Set<string>();
  return approvals.map((approval) => {
    const notCounted = judge(approval, revision, verified && !policy.selfApproval ? policy : null, counted);
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

/** Throws `gatesNotMet` with what is missing. */
export function assertGatesMet(revision: { name: string }, gates: readonly Gate[]): void {
  const missing = gates.filter(({ met }) => !met).map(({ type, status, reason }) => ({ type, status, reason }));
  if (missing.length === 0) return;
  const types = missing.map(({ type }) => type).join(', ');
  throw new DomainError('gatesNotMet', `"${revision.name}" does not pass all its readiness gates yet: ${types}.`, {
    missing,
  });
}
