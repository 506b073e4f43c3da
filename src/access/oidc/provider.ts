import { createLocalJWKSet } from 'jose';
import { z } from 'zod';
import { isLoopback } from '../../config/loopback.js';
import type { Fetch } from '../../net/forward-proxy.js';
import { fetchJson } from './fetch-json.js';

/** What an identity provider publishes about itself. */
export interface Provider {
  /** Picks the key that a token names; throws JWKSNoMatchingKey where there is none. */
  keyFor: ReturnType<typeof createLocalJWKSet>;
}

const discoveryDocument = z.object({
  issuer: z.string(),
  jwks_uri: z.string(),
});

/** Asks for the discovery document and the keys, both within the signal. */
export async function loadProvider(issuer: string, get: Fetch, signal: AbortSignal): Promise<Provider> {
  const parsed = discoveryDocument.safeParse(await fetchJson(discoveryUrl(issuer), get, signal));
  if (!parsed.success) throw new Error('The discovery document lacks "issuer" or "jwks_uri".');
  const document = parsed.data;
  if (document.issuer !== issuer) {
    throw new Error(
      `The discovery document is of issuer ${JSON.stringify(document.issuer)}: OIDC_ISSUER must be equal.`,
    );
  }
  const plainAllowed = issuer.startsWith('http:');
  const keys = usableUrl(document.jwks_uri, plainAllowed);
  if (!keys) throw new Error(`The discovery document names no safe URL of keys: ${JSON.stringify(document.jwks_uri)}.`);
  const jwks = (await fetchJson(keys, get, signal)) as Parameters<typeof createLocalJWKSet>[0];
  return { keyFor: createLocalJWKSet(jwks) };
}

const discoveryUrl = (issuer: string): URL => new URL(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);

/** Without TLS only on this machine, and only where the issuer itself is. */
function usableUrl(value: string, plainAllowed: boolean): URL | undefined {
  if (!URL.canParse(value)) return undefined;
  const url = new URL(value);
  const safe = url.protocol === 'https:' || (plainAllowed && url.protocol === 'http:' && isLoopback(url.hostname));
  return safe ? url : undefined;
}
