import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Caller } from '../access/caller.js';
import type { WorkContext } from '../logging/request-context.js';

const callers = new WeakMap<FastifyRequest, Caller>();

/** Notes who sent the request, once that is known. */
export function setCaller(request: FastifyRequest, caller: Caller): void {
  callers.set(request, caller);
}

/** Who sent the request; there is somebody behind every handler that is not public. */
export function callerOf(request: FastifyRequest): Caller {
  const caller = callers.get(request);
  if (!caller) throw new Error(`${request.method} ${request.url} was let in without a caller`);
  return caller;
}

/** What the log lines and the audit entries of a request say of it. */
export function contextOf(request: FastifyRequest): WorkContext {
  const caller = callers.get(request);
  return {
    requestId: request.id,
    address: request.ip,
    ...(caller && { actor: caller.user }),
    ...(caller?.tokenId !== undefined && { tokenId: caller.tokenId }),
  };
}

/** The name of whoever sent the request: what goes into commits and `createdBy`. Undefined where nobody signed in. */
export const actorOf = (request: FastifyRequest): string | undefined => callers.get(request)?.user;

const requestOf = (context: ExecutionContext) => context.switchToHttp().getRequest<FastifyRequest>();

/** The name of the caller, for handlers that only need to note it. */
export const Actor = createParamDecorator((_: unknown, context: ExecutionContext) => callerOf(requestOf(context)).user);

/** The caller, for handlers that have to know what else they may do. */
export const CurrentCaller = createParamDecorator((_: unknown, context: ExecutionContext) =>
  callerOf(requestOf(context)),
);
