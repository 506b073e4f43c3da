import { Injectable, Logger } from '@nestjs/common';
import { Config } from '../config/config.js';
import { isLost } from '../database/unavailable.js';
import { DomainError } from '../domain/errors.js';
import type { SignedIn } from '../domain/operation-payloads.js';
import { AccessStore, type TokenRow } from './access.store.js';
import { isApiToken, isSecretOf, readToken } from './api-token.js';
import { grantsOf } from './binding-grants.js';
import { Caller, type NamedIdentity, unauthenticated } from './caller.js';
import { Grants } from './grants.js';
import { oidcSettings } from './oidc/oidc-settings.js';
import { OidcVerifier } from './oidc/oidc.verifier.js';
import { permissionsOf } from './permission.js';
import { isUserName, USER_NAME_RULE } from './user-name.js';

/** What a request says about its sender. */
export interface Credentials {
  /** The Authorization header. */
  authorization?: string | undefined;
  /** `X-Remote-User`, which is believed only where nobody has to sign in. */
  remoteUser?: string | undefined;
}

const BEARER = /^Bearer +([A-Za-z0-9._~+/=-]+)$/i;
/** When a token was last used is known to the minute; it is not worth a write with every request. */
const USE_NOTED_MS = 60_000;

const MOST_NOTED = 10_000;

const EVERYTHING = new Grants([{ permissions: permissionsOf('admin'), repositoryId: null, path: null }]);

/** Finds out who sends a request. Throws `unauthenticated` with what is wrong with what was shown. */
@Injectable()
export class Authenticator {
  private readonly logger = new Logger('Access');
  private readonly oidc: OidcVerifier | undefined;
  /** When the provider said what this process has noted of someone. */
  private readonly noted = new Map<string, number>();

  constructor(
    private readonly config: Config,
    private readonly store: AccessStore,
  ) {
    const settings = oidcSettings(config);
    this.oidc = settings && new OidcVerifier(settings);
  }

  /** Asks the identity provider for its keys, so that the log says at the start if that cannot work. Returns at once. */
  tryProvider(): void {
    this.oidc?.tryProvider();
  }

  async identify({ authorization, remoteUser }: Credentials): Promise<Caller> {
    if (this.config.auth === 'none') return believed(remoteUser);
    if (authorization === undefined) throw unauthenticated('This needs a bearer token in the Authorization header.');
    const bearer = BEARER.exec(authorization)?.[1];
    if (bearer === undefined) throw unauthenticated('The Authorization header holds no bearer token.');
    return isApiToken(bearer) ? this.byApiToken(bearer) : this.byIdentityProvider(bearer);
  }

  private async byApiToken(bearer: string): Promise<Caller> {
    const text = readToken(bearer);
    const token = text && (await this.store.findToken(text.id));
    // One answer for every reason, so that nobody learns which ids exist.
    if (!text || !token || !isSecretOf(token.secretHash, text.secret))
      throw unauthenticated('There is no such API token.');
    const now = Date.now();
    if (token.revokedAt !== null) throw unauthenticated('This API token was revoked.');
    if (token.expiresAt.getTime() <= now) throw unauthenticated('This API token has expired.');
    if (token.lastUsedAt === null || now - token.lastUsedAt.getTime() > USE_NOTED_MS)
      this.noteUse(text.id, new Date(now));
    return holderOf(text.id, token);
  }

  /** Somebody who has signed in earlier, with the rights that they have now: none where their token has ended since. */
  async again({ tokenId, ...identity }: SignedIn): Promise<Caller> {
    if (this.config.auth === 'none') return believed(identity.user);
    if (tokenId === undefined) {
      const bindings = await this.store.bindingsOfAll([{ id: identity.user, ...identity }]);
      return new Caller({ ...identity, verified: true, grants: grantsOf(bindings.get(identity.user) ?? []) });
    }
    const token = await this.store.findToken(tokenId);
    if (token && token.revokedAt === null && token.expiresAt.getTime() > Date.now()) return holderOf(tokenId, token);
    return new Caller({ ...identity, tokenId, verified: true, grants: new Grants([]) });
  }

  private async byIdentityProvider(bearer: string): Promise<Caller> {
    if (!this.oidc) throw unauthenticated('This is no API token, and no identity provider is configured.');
    const { statedAt, ...identity } = await this.oidc.verify(bearer);
    await this.noteIdentity(identity, statedAt);
    const { bindings, seen } = await this.store.standingOf(identity);
    return new Caller({ ...identity, seen, verified: true, grants: grantsOf(bindings) });
  }

  /** Once for each token of the provider: from then on the user's API tokens and approvals go by these groups. */
  private async noteIdentity(identity: NamedIdentity, statedAt: Date): Promise<void> {
    const noted = this.noted.get(identity.user);
    if (noted !== undefined && noted >= statedAt.getTime()) return;
    await this.store.noteIdentity(identity, statedAt);
    if (this.noted.size >= MOST_NOTED) this.noted.clear();
    this.noted.set(identity.user, statedAt.getTime());
  }

  /** The request does not wait for this write. */
  private noteUse(id: string, time: Date): void {
    this.store.noteUse(id, time).catch((error: unknown) => isLost(error) || this.logger.warn(error));
  }
}

function holderOf(tokenId: string, token: TokenRow): Caller {
  const permissions = token.roles.length > 0 ? new Set(token.roles.flatMap((role) => [...permissionsOf(role)])) : null;
  const narrowed = permissions !== null || token.repositoryIds !== null;
  const grants = grantsOf(token.bindings).narrowed(permissions, token.repositoryIds);
  return new Caller({ ...token, tokenId, verified: true, narrowed, grants });
}

/** The caller under the name that the header gives. A name that no commit can bear is refused, not replaced. */
function believed(user = 'anonymous'): Caller {
  if (!isUserName(user)) {
    throw new DomainError('badRequest', `X-Remote-User holds no name that can be used: ${USER_NAME_RULE} are.`);
  }
  return new Caller({ user, email: null, groups: [], verified: false, grants: EVERYTHING });
}
