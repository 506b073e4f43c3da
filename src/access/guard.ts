import { Injectable } from '@nestjs/common';
import { notFound } from '../domain/found.js';
import { isUuid } from '../domain/uuid.js';
import { type Caller, forbidden } from './caller.js';
import { INSTANCE, isInstancePermission, type Permission, type Scope } from './permission.js';
import { type ScopedNoun, ScopeStore } from './scope.store.js';

/**
 * What the guard demands before it lets a request reach an endpoint: that the caller has a permission; that the caller has signed
 * in (`signedIn`); nothing, since the endpoint itself checks a signature over the raw body, which identifies no user
 * (`signature`); or nothing at all (`public`).
 */
export type Requirement = Permission | (typeof OTHER)[number];

const OTHER = ['signedIn', 'signature', 'public'] as const;

export const isPermission = (requirement: Requirement): requirement is Permission =>
  !(OTHER as readonly string[]).includes(requirement);

/** What a request is about: `/api/v1/<collection>/<id>`. */
export interface Subject {
  collection: string | undefined;
  id: string | undefined;
}

/**
 * The one place where requests are let through. What a caller may not see is `notFound`, what they may see but not do is
 * `forbidden`. A request about nothing that has an id (a list, a creation) needs the permission somewhere: lists then
 * show what may be seen, and creations are judged by where they go.
 */
@Injectable()
export class AccessGuard {
  constructor(private readonly scopes: ScopeStore) {}

  async admit(caller: Caller, requirement: Requirement, subject: Subject): Promise<void> {
    if (!isPermission(requirement)) return;
    if (caller.allows(requirement, INSTANCE)) return;
    const { collection, id } = subject;
    if (id === undefined) {
      if (!caller.allowsSomewhere(requirement)) throw forbidden(requirement);
      return;
    }
    const scoped = this.nounOf(collection);
    if (scoped.seen) {
      await this.assertSeen(caller, scoped, id);
      if (!caller.allowsSomewhere(requirement) || isInstancePermission(requirement)) throw forbidden(requirement);
      return;
    }
    const { noun, read } = scoped;
    const scopes = await this.scopesOf(scoped, id);
    if (scopes.length === 0) throw notFound(noun, id);
    // The caller is told the same as of an id that there is not; the cause tells the audit log that it was a denial.
    if (!scopes.every((scope) => caller.allows(read, scope))) throw notFound(noun, id, { cause: forbidden(read) });
    for (const scope of scopes) caller.assertAllowed(requirement, scope);
  }

  /**
   * Throws `notFound` where a caller may not see any more what an earlier answer showed them: `body` is that answer, and
   * says where the resource was if it is gone.
   */
  async admitReplay(caller: Caller, { collection = '', id = '' }: Subject, body: unknown): Promise<void> {
    const scoped = this.scopes.nounOf(collection);
    // A resource without a scope, such as one's own API token, is only ever shown to its holder.
    if (!scoped || caller.allows(scoped.read, INSTANCE)) return;
    if (scoped.seen) return this.assertSeen(caller, scoped, id);
    const present = await this.scopesOf(scoped, id);
    const scopes = present.length > 0 ? present : [shownScope(scoped, id, body)];
    if (scopes.every((scope) => caller.allows(scoped.read, scope))) return;
    throw notFound(scoped.noun, id, { cause: forbidden(scoped.read) });
  }

  private async assertSeen(caller: Caller, { noun, table, read, seen }: ScopedNoun, id: string): Promise<void> {
    const isSeen = seen && isUuid(id) ? await this.scopes.isSeen(table, id, seen(caller)) : null;
    if (isSeen === null) throw notFound(noun, id);
    if (!isSeen) throw notFound(noun, id, { cause: forbidden(read) });
  }

  private async scopesOf(scoped: ScopedNoun, id: string): Promise<Scope[]> {
    return isUuid(id) ? this.scopes.find(scoped, id) : [];
  }

  /** Throws where no module has registered the scope of a collection: its resources could not be guarded. */
  nounOf(collection = ''): ScopedNoun {
    const noun = this.scopes.nounOf(collection);
    if (!noun) throw new Error(`No module registers the scope of /api/v1/${collection}/{id}`);
    return noun;
  }
}

function shownScope({ repositoryId, path }: ScopedNoun, id: string, body: unknown): Scope {
  const shown = (typeof body === 'object' ? body : null) as Record<string, unknown> | null;
  const text = (value: unknown) => (typeof value === 'string' ? value : null);
  return {
    repositoryId: repositoryId === 'id' ? id : repositoryId && text(shown?.repositoryId),
    path: path && text(shown?.path),
  };
}
