import type { Config } from '../../config/config.js';
import { ForwardProxies } from '../../net/forward-proxy.js';

/** Whose tokens are believed, and how they are read. */
export interface OidcSettings {
  /** Exactly what the provider calls itself, a last `/` included. */
  issuer: string;
  /** A token is good when it was issued for one of these. */
  audience: readonly string[];
  /** Of signatures with public keys only. */
  algorithms: readonly string[];
  /** Names of claims, or paths to them with dots. */
  userClaim: string;
  emailClaim: string;
  nameClaim: string;
  groupsClaim: string;
  /** The forward proxies through which the service calls the identity provider; left out: none. */
  proxies?: ForwardProxies;
}

/** Undefined where no issuer is configured. */
export function oidcSettings(config: Config): OidcSettings | undefined {
  if (config.oidcIssuer === undefined) return undefined;
  return {
    issuer: config.oidcIssuer,
    audience: config.oidcAudience,
    algorithms: config.oidcAlgorithms,
    userClaim: config.oidcUserClaim,
    emailClaim: config.oidcEmailClaim,
    nameClaim: config.oidcNameClaim,
    groupsClaim: config.oidcGroupsClaim,
    proxies: new ForwardProxies(config),
  };
}
