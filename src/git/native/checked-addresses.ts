import { isIP } from 'node:net';
import { networkError } from '../git-error.js';
import { bareHost, guardedAddresses, type HostPolicy } from '../../net/host-policy.js';

export interface AddressCheck {
  policy: HostPolicy;
  /** Resolves a name to the addresses that may be talked to. */
  resolve?: (hostname: string) => Promise<string[]>;
}

/** The addresses of a URL's host that were checked; null where the URL alone is enough. Throws GitError. */
export async function checkedAddresses(
  url: URL,
  { policy, resolve = guardedAddresses }: AddressCheck,
): Promise<string[] | null> {
  try {
    policy.check(url);
    return policy.trusts(url) || isIP(bareHost(url)) !== 0 ? null : await resolve(url.hostname);
  } catch (error) {
    throw networkError(error, url.host);
  }
}
