import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Authenticator } from '../access/authenticator.js';
import type { AccessGuard, Requirement } from '../access/guard.js';
import { setCaller } from './actor.js';
import type { RouteSettings } from './endpoint.js';

/** Lets a request in or refuses it, before anything of its body is read. */
export function addAccessHook(fastify: FastifyInstance, authenticator: Authenticator, guard: AccessGuard): void {
  fastify.addHook('onRequest', async (request) => {
    const requirement = requirementOf(request);
    if (requirement === 'public') return;
    const { authorization, 'x-remote-user': remoteUser } = request.headers;
    const caller = await authenticator.identify({ authorization, remoteUser: remoteUser?.toString() });
    setCaller(request, caller);
    const [, , , collection] = request.url.split('?', 1)[0]?.split('/') ?? [];
    const { id } = request.params as { id?: string };
    await guard.admit(caller, requirement, { collection, id });
  });
}

/** Every endpoint declares its own; what is no endpoint (documentation, unknown paths) holds nothing of anybody. */
function requirementOf(request: FastifyRequest): Requirement {
  return (request.routeOptions.config as RouteSettings | undefined)?.permission ?? 'public';
}
