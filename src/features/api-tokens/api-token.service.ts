import { Injectable } from '@nestjs/common';
import { hashOf, newSecret, writeToken } from '../../access/api-token.js';
import { type Caller, forbidden, unauthenticated } from '../../access/caller.js';
import { noteChange } from '../../audit/noted-change.js';
import { INSTANCE } from '../../access/permission.js';
import type { Role } from '../../access/role.js';
import { isUserName, USER_NAME_RULE } from '../../access/user-name.js';
import type { ApiToken } from '../../database/generated/client.js';
import { refusal } from '../../domain/errors.js';
import { notFound } from '../../domain/found.js';
import { assertPrecondition, type Precondition } from '../../domain/precondition.js';
import { uuidv7 } from '../../domain/uuid.js';
import type { Part, Rows } from '../../domain/list.js';
import type { ApiTokenFilter } from './api-token.filter.js';
import { ApiTokenStore } from './api-token.store.js';
import { toApiTokenResponse } from './api-token.view.js';

const DAY_MS = 24 * 60 * 60 * 1000;

/** Tokens that act for one user at a time. */
const MOST_OF_ONE_USER = 200;

export interface NewApiToken {
  description: string;
  /** Left out: the caller. */
  user?: string | undefined;
  expiresInDays: number;
  /** None: all that the user has. */
  roles: Role[];
  /** Null: every repository. */
  repositoryIds: string[] | null;
}

/**
 * Callers see the tokens that act for them, and those who may manage tokens see all. Any other token is not found. A token
 * that is narrowed manages none but itself.
 */
@Injectable()
export class ApiTokenService {
  constructor(private readonly store: ApiTokenStore) {}

  async list(filter: ApiTokenFilter, caller: Caller, part: Part): Promise<Rows<ApiToken>> {
    if (managesAll(caller)) return this.store.list(filter, part);
    const { user = caller.user } = filter;
    if (caller.narrowed) {
      const own = caller.tokenId === undefined ? null : await this.store.find(caller.tokenId);
      return { rows: own?.user === user && part.after === undefined ? [own] : [], next: null };
    }
    return user === caller.user ? this.store.list({ ...filter, user }, part) : { rows: [], next: null };
  }

  async get(id: string, caller: Caller): Promise<ApiToken> {
    return owned(await this.store.find(id), id, caller);
  }

  /** Gives the row, and the text of the token, which is not kept. */
  async create(request: NewApiToken, caller: Caller): Promise<{ row: ApiToken; token: string }> {
    const { description, user = caller.user, expiresInDays, roles, repositoryIds } = request;
    assertMayMake(user, caller);
    await this.assertKnown(repositoryIds ?? [], caller);
    const now = new Date();
    if ((await this.store.lockUser(user, now)) >= MOST_OF_ONE_USER) {
      const message = `"${user}" has ${MOST_OF_ONE_USER} tokens already that are good: revoke one first.`;
      throw refusal('invalidBody', '/user', 'tooBig', message);
    }
    const id = uuidv7();
    const secret = newSecret();
    const own = user === caller.user;
    const parent = own ? await this.parentOf(caller) : null;
    const expiresAt = new Date(now.getTime() + expiresInDays * DAY_MS);
    const row = await this.store.insert({
      id,
      description,
      secretHash: new Uint8Array(hashOf(secret)),
      user,
      email: own ? caller.email : null,
      groups: own ? [...caller.groups] : [],
      roles,
      repositoryIds,
      createdAt: now,
      createdBy: caller.user,
      expiresAt: parent !== null && parent.expiresAt < expiresAt ? parent.expiresAt : expiresAt,
      parentId: parent?.id ?? null,
    });
    return { row, token: writeToken({ id, secret }) };
  }

  /** A token for what is not there would open nothing, and nobody would know why. */
  private async assertKnown(repositoryIds: readonly string[], caller: Caller): Promise<void> {
    const known = await this.store.repositoriesAmong(repositoryIds);
    repositoryIds.forEach((repositoryId, index) => {
      if (known.has(repositoryId) && caller.allows('repositories.read', { repositoryId })) return;
      const message = `There is no repository with the id ${repositoryId}.`;
      throw refusal('invalidBody', `/repositoryIds/${index}`, 'notFound', message);
    });
  }

  /** The token that was shown, held so that it is not revoked before a token that is made with it is there to be as well. */
  private async parentOf({ tokenId }: Caller): Promise<ApiToken | null> {
    if (tokenId === undefined) return null;
    const parent = await this.store.lock(tokenId);
    if (parent === null || parent.revokedAt !== null) throw unauthenticated('This API token was revoked.');
    return parent;
  }

  /** The token, and each one made with it, stops working in every process once the transaction has committed. Its row stays as a record. */
  async revoke(id: string, caller: Caller, seen: Precondition): Promise<void> {
    const row = owned(await this.store.lock(id), id, caller);
    const before = toApiTokenResponse(row).etag;
    assertPrecondition(seen, before, 'The API token');
    const revokedAt = row.revokedAt ?? new Date();
    if (row.revokedAt === null) await this.store.revokeWithChildren(id, caller.user, revokedAt);
    noteChange(id, { before, after: toApiTokenResponse({ ...row, revokedAt }).etag });
  }
}

const managesAll = (caller: Caller): boolean => !caller.narrowed && caller.allows('apiTokens.manage', INSTANCE);

function owned(row: ApiToken | null, id: string, caller: Caller): ApiToken {
  const isOwn = caller.narrowed ? row?.id === caller.tokenId : row?.user === caller.user;
  if (row && (isOwn || managesAll(caller))) return row;
  throw notFound('API token', id);
}

/** A token that was narrowed must not make one that is not. */
function assertMayMake(user: string, caller: Caller): void {
  if (managesAll(caller)) {
    if (user === caller.user || isUserName(user)) return;
    throw refusal('invalidBody', '/user', 'invalidFormat', `A user's name may hold ${USER_NAME_RULE}.`);
  }
  if (user !== caller.user || caller.narrowed) throw forbidden('apiTokens.manage');
}
