import { Logger } from '@nestjs/common';
import { errors, type JWTPayload, jwtVerify, type JWTVerifyGetKey, type JWTVerifyResult } from 'jose';
import { DomainError } from '../../domain/errors.js';
import { lineOf } from '../../domain/message-of.js';
import { ForwardProxies, proxiedFetch } from '../../net/forward-proxy.js';
import { type NamedIdentity, unauthenticated } from '../caller.js';
import { identityOf } from './identity-claims.js';
import { KeptValue } from './kept-value.js';
import type { OidcSettings } from './oidc-settings.js';
import { loadProvider, type Provider } from './provider.js';
import { tokenRefusal } from './token-refusal.js';

/** How far clocks may differ. */
const SKEW_SECONDS = 60;

/** ID tokens and access tokens. Others of the same issuer, such as logout tokens, give nobody access. */
const TYPES = new Set(['jwt', 'at+jwt', 'application/jwt', 'application/at+jwt']);

/** When the provider is asked. */
export interface OidcPacing {
  /** For the discovery document and the keys together. */
  timeoutMs: number;
  /** Keys that are older are asked for again; they stay in use where that fails. */
  maxAgeMs: number;
  /** From one attempt to the next: failed ones, and those for keys that nobody has heard of. */
  cooldownMs: number;
}

/** A user as a token of the provider describes them; `statedAt` is when it was issued. */
export interface StatedIdentity extends NamedIdentity {
  statedAt: Date;
}

const PACING: OidcPacing = { timeoutMs: 5000, maxAgeMs: 600_000, cooldownMs: 10_000 };

/** Reads bearer JWTs of the configured issuer. */
export class OidcVerifier {
  private readonly logger = new Logger('Oidc');
  private readonly provider: KeptValue<Provider>;

  /** A key that is not known may be a new one: providers change keys without notice. */
  readonly #key: JWTVerifyGetKey = async (header, jws) => {
    const known = await this.#provider('current');
    try {
      return await known.keyFor(header, jws);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      return (await this.#provider('renewed')).keyFor(header, jws);
    }
  };

  constructor(
    private readonly settings: OidcSettings,
    { timeoutMs, maxAgeMs, cooldownMs }: OidcPacing = PACING,
  ) {
    const get = proxiedFetch(settings.proxies ?? ForwardProxies.NONE, { connectMs: timeoutMs, idleMs: timeoutMs });
    const load = () => loadProvider(settings.issuer, get, AbortSignal.timeout(timeoutMs));
    this.provider = new KeptValue(load, {
      maxAgeMs,
      cooldownMs,
      onFailure: (error) =>
        this.logger.warn(`${settings.issuer} (OIDC_ISSUER) cannot be asked for its keys: ${explain(error)}`),
    });
  }

  /** Asks the provider in the background: the log says why where it cannot be asked. It may be away only. */
  tryProvider(): void {
    void this.provider.current().catch(() => undefined);
  }

  /**
   * Throws `unauthenticated`, which says why, for a token that is not good, and `unavailable` when the provider cannot
   * be asked for a key that is not known yet.
   */
  async verify(token: string): Promise<StatedIdentity> {
    try {
      const { payload, protectedHeader } = await this.#verified(token);
      assertUsable(payload, protectedHeader.typ);
      const { iat } = payload;
      // A token without `iat` counts as issued in this minute: its groups are then stored once a minute, not with each request.
      const statedAt = new Date(iat === undefined ? Date.now() - (Date.now() % 60_000) : iat * 1000);
      return { ...identityOf(payload, this.settings), statedAt };
    } catch (error) {
      throw tokenRefusal(error);
    }
  }

  async #verified(token: string): Promise<JWTVerifyResult> {
    const options = {
      issuer: this.settings.issuer,
      audience: [...this.settings.audience],
      algorithms: [...this.settings.algorithms],
      clockTolerance: SKEW_SECONDS,
      requiredClaims: ['exp'],
    };
    try {
      return await jwtVerify(token, this.#key, options);
    } catch (error) {
      if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
      // The token names no key, so each of them is tried.
      for await (const key of error) {
        try {
          return await jwtVerify(token, key, options);
        } catch (failure) {
          if (!(failure instanceof errors.JWSSignatureVerificationFailed)) throw failure;
        }
      }
      throw new errors.JWSSignatureVerificationFailed();
    }
  }

  async #provider(which: 'current' | 'renewed'): Promise<Provider> {
    try {
      return await this.provider[which]();
    } catch (cause) {
      const message = 'The identity provider cannot be asked now, so the token cannot be verified. Try again later.';
      throw new DomainError('unavailable', message, {}, { cause });
    }
  }
}

/** Checks what jose does not check. */
function assertUsable({ iat }: JWTPayload, typ: string | undefined): void {
  if (typ !== undefined && !TYPES.has(typ.toLowerCase())) {
    throw unauthenticated('The token is of a type that gives no access.');
  }
  if (iat !== undefined && iat > Date.now() / 1000 + SKEW_SECONDS) {
    throw unauthenticated('The token was issued in the future.');
  }
}

/** `fetch` says "fetch failed", and what failed only in its cause. */
function explain(error: unknown): string {
  const { message, cause } = error as Error;
  return lineOf(cause instanceof Error && cause.message !== '' ? `${message} (${cause.message})` : message);
}
