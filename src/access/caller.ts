import { DomainError } from '../domain/errors.js';
import type { SignedIn } from '../domain/operation-payloads.js';
import type { Grants, Visibility } from './grants.js';
import type { Permission, Scope } from './permission.js';

/** Who someone is, as an identity provider or an API token says. */
export interface Identity {
  /** What goes into commits, `createdBy` and the audit log. */
  user: string;
  email: string | null;
  groups: readonly string[];
}

/** Whom the token of an identity provider is about. */
export interface NamedIdentity extends Identity {
  /** The full name, such as `Alice Liddell`; null: the provider has stated none that a signature can hold. */
  name: string | null;
}

interface CallerFacts extends Identity {
  grants: Grants;
  /** The API token that was shown. */
  tokenId?: string;
  /** False where names are only believed (`AUTH=none`): then no rule tells one person from another. */
  verified: boolean;
  /** Whether an API token leaves out something that its user may do. */
  narrowed?: boolean;
  /** Up to where in the primary's log they had been told what it holds when this request signed in, for `Replicas.read`. */
  seen?: string | null;
}

/** Whoever sends a request, and what they may do. */
export class Caller {
  readonly user: string;
  readonly email: string | null;
  readonly groups: readonly string[];
  readonly tokenId: string | undefined;
  readonly verified: boolean;
  readonly narrowed: boolean;
  readonly seen: string | null | undefined;
  private readonly grants: Grants;

  constructor({ user, email, groups, tokenId, verified, narrowed = false, seen, grants }: CallerFacts) {
    this.user = user;
    this.email = email;
    this.groups = groups;
    this.tokenId = tokenId;
    this.verified = verified;
    this.narrowed = narrowed;
    this.seen = seen;
    this.grants = grants;
  }

  allows(permission: Permission, scope: Scope): boolean {
    return this.grants.allows(permission, scope);
  }

  allowsSomewhere(permission: Permission): boolean {
    return this.grants.allowsSomewhere(permission);
  }

  /** Throws `forbidden`, which names the permission that is missing. */
  assertAllowed(permission: Permission, scope: Scope): void {
    if (!this.allows(permission, scope)) throw forbidden(permission);
  }

  visibility(permission: Permission): Visibility {
    return this.grants.visibility(permission);
  }

  permissionsFor(scope: Scope): Permission[] {
    return this.grants.permissionsFor(scope);
  }
}

/** What an operation stores of its caller, so that the worker that carries it out looks up the rights which the caller has by then. */
export const signedIn = ({ user, email, groups, tokenId }: Caller): SignedIn => ({
  ...{ user, email, groups: [...groups] },
  ...(tokenId !== undefined && { tokenId }),
});

/** The refusal of a caller who could not be identified; `reason` says what is wrong with what was shown. */
export const unauthenticated = (reason: string, options?: ErrorOptions): DomainError =>
  new DomainError('unauthenticated', reason, {}, options);

export const forbidden = (permission: Permission): DomainError =>
  new DomainError('forbidden', `This needs the permission "${permission}", which you do not have here.`, {
    permission,
  });
