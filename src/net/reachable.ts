import { refusal } from '../domain/errors.js';
import { type HostPolicy, HostRefusedError } from './host-policy.js';

/** Throws for a URL that the policy refuses, pointing at it. Names that resolve to a refused address show later. */
export function assertReachable(policy: HostPolicy, url: URL, pointer: string): void {
  try {
    policy.check(url);
  } catch (error) {
    if (!(error instanceof HostRefusedError)) throw error;
    const code = error.reason === 'notPublic' ? 'hostRefused' : 'invalidUrl';
    throw refusal(code, pointer, code, error.message);
  }
}
