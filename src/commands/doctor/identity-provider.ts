import { loadProvider } from '../../access/oidc/provider.js';
import { lineOf } from '../../domain/message-of.js';
import { type Fetch, ForwardProxies, proxiedFetch } from '../../net/forward-proxy.js';
import { ANSWER_MS, type Check, type Finding, failed, ok } from './check.js';
import { compareClocks } from './clock.js';

/** Errors of `fetch` say in their cause what happened. */
const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return lineOf(error);
  if (error.name === 'TimeoutError') return 'it does not answer in time';
  const { code, message } = (error.cause ?? error) as NodeJS.ErrnoException;
  return (error.message === 'fetch failed' ? message || code || error.message : error.message).replace(/\.$/, '');
};

export const identityProvider: Check = {
  name: 'identity provider',
  needs: 'nothing',
  look: async ({ config }) => {
    const { oidcIssuer: issuer } = config;
    if (issuer === undefined) return [ok('OIDC_ISSUER is not set: API tokens alone are taken.')];
    const plain = proxiedFetch(new ForwardProxies(config), { connectMs: ANSWER_MS, idleMs: ANSWER_MS });
    const clocks: Finding[] = [];
    const get: Fetch = async (url, init) => {
      const asked = Date.now();
      const answer = await plain(url, init);
      const date = Date.parse(answer.headers.get('date') ?? '');
      // It is cut to the second, so that it may be one behind.
      if (clocks.length === 0 && !Number.isNaN(date)) {
        clocks.push(compareClocks('the identity provider’s', date, asked - 1000, Date.now()));
      }
      return answer;
    };
    try {
      await loadProvider(issuer, get, AbortSignal.timeout(ANSWER_MS));
      return [ok(`${issuer} has its discovery document and keys.`), ...clocks];
    } catch (error) {
      return [
        failed(
          `${issuer} cannot be used: ${reasonOf(error)}.`,
          'Correct OIDC_ISSUER, or let this machine reach it (HTTPS_PROXY where there is a forward proxy).',
        ),
        ...clocks,
      ];
    }
  },
};
