import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Authenticator } from '../access/authenticator.js';
import { type AccessGuard, isPermission, type Requirement } from '../access/guard.js';
import { networkOf } from '../domain/network.js';
import { DomainError } from '../domain/errors.js';
import { FAILED_SIGN_IN, type RateLimits, type RateLimitState, WINDOW_SECONDS } from '../rate-limit/rate-limits.js';
import { setCaller } from './actor.js';
import { isCounted, type RouteSettings } from './endpoint.js';
import { KnownScrapers } from './known-scrapers.js';

interface Gate {
  authenticator: Authenticator;
  guard: AccessGuard;
  rateLimits: RateLimits;
}

/** Lets a request in or refuses it, before anything of its body is read. */
export function addAccessHook(fastify: FastifyInstance, { authenticator, guard, rateLimits }: Gate): void {
  fastify.addHook('onRoute', ({ url, config }) => {
    const { permission = 'public' } = (config ?? {}) as RouteSettings;
    // A start that fails says so earlier than a request that nobody can judge.
    if (url.includes('/:id') && isPermission(permission)) guard.nounOf(collectionOf(url));
  });
  const scrapers = new KnownScrapers();
  fastify.addHook('onRequest', async (request, reply) => {
    const requirement = requirementOf(request);
    if (requirement === 'public') return;
    const network = networkOf(request.ip);
    // A scrape counts against no limit, but for a token that is none.
    const isScrape = !isCounted(requirement);
    if (!isScrape) assertWithin(await rateLimits.take('address', network), reply);
    if (requirement === 'signature') return;
    const { authorization, 'x-remote-user': remoteUser } = request.headers;
    const credentials = { authorization, remoteUser: remoteUser?.toString() };
    const again = () => authenticator.identify(credentials);
    const signIn = () =>
      again().catch(async (error: unknown) => {
        // That nobody could be asked is no fault of the caller's.
        if (!(error instanceof DomainError) || error.code === 'unavailable') throw error;
        const state = await rateLimits.take('address', network, FAILED_SIGN_IN);
        if (isScrape) assertWithin(state, reply);
        throw error;
      });
    const key = JSON.stringify(credentials);
    if (isScrape) {
      const judge = async () => {
        const caller = await signIn();
        // Whoever is refused is told apart from whoever is unknown.
        setCaller(request, caller, { key, again });
        await guard.admit(caller, requirement, { collection: undefined, id: undefined });
        return caller;
      };
      setCaller(request, await scrapers.admit(key, judge), { key, again });
      return;
    }
    const caller = await signIn();
    setCaller(request, caller, { key, again });
    assertWithin(await rateLimits.take('identity', caller.user), reply);
    // The route's own pattern: the URL of a request can be written in many ways.
    const collection = collectionOf(request.routeOptions.url ?? '');
    const { id } = request.params as { id?: string };
    await guard.admit(caller, requirement, { collection, id });
  });
  // The endpoint finds a wrong signature once it has read the body, later than a wrong token is found: it costs the address the same.
  fastify.addHook('onSend', async (request, reply) => {
    if (reply.statusCode !== 401 || requirementOf(request) !== 'signature') return;
    await rateLimits.take('address', networkOf(request.ip), FAILED_SIGN_IN);
  });
}

/** `packages` of `/api/v1/packages/:id`. */
const collectionOf = (url: string): string | undefined => url.split('/')[3];

/** Tells the client in headers how many requests it has left; throws `tooManyRequests` when it has none. */
function assertWithin(state: RateLimitState | null, reply: FastifyReply): void {
  if (state === null) return;
  const { kind, limit, remaining, resetSeconds, exceeded } = state;
  reply.header('RateLimit-Policy', `"${kind}";q=${limit};w=${WINDOW_SECONDS}`);
  reply.header('RateLimit', `"${kind}";r=${remaining};t=${resetSeconds}`);
  if (!exceeded) return;
  const who = kind === 'identity' ? 'You have' : 'Your address has';
  throw new DomainError('tooManyRequests', `${who} sent too many requests; wait ${resetSeconds} seconds.`, {
    retryAfterSeconds: resetSeconds,
  });
}

/** An endpoint declares its requirement. Documentation and unknown paths are public: they show nobody's data. */
function requirementOf({ routeOptions: { url = '', config } }: FastifyRequest): Requirement {
  const { permission } = (config ?? {}) as RouteSettings;
  if (permission === undefined && url.startsWith('/api/')) throw new Error(`${url} declares no permission`);
  return permission ?? 'public';
}
