import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Caller } from '../access/caller.js';
import type { WorkContext } from '../logging/request-context.js';
import { traceOf } from './request-trace.js';

/** Signs in once more whoever has sent a request: what they may do can have changed. */
export interface SignIn {
  /** Equal for requests that show the same. */
  key: string;
  again: () => Promise<Caller>;
}

const callers = new WeakMap<FastifyRequest, Caller>();
const signIns = new WeakMap<FastifyRequest, SignIn>();

/** Remembers the caller of a request, once the authenticator knows it, and how. */
export function setCaller(request: FastifyRequest, caller: Caller, signIn: SignIn): void {
  callers.set(request, caller);
  signIns.set(request, signIn);
}

/** The caller of a request. Throws for a public endpoint, which has none. */
export function callerOf(request: FastifyRequest): Caller {
  const caller = callers.get(request);
  if (!caller) throw new Error(`${request.method} ${request.url} was let in without a caller`);
  return caller;
}

/** The parts of a request that its log lines and audit entries repeat. */
export function contextOf(request: FastifyRequest): WorkContext {
  const caller = callers.get(request);
  return {
    requestId: request.id,
    trace: traceOf(request),
    address: request.ip,
    ...(caller && { actor: caller.user }),
    ...(caller?.tokenId !== undefined && { tokenId: caller.tokenId }),
  };
}

/** The caller's name, as commits and `createdBy` have it. Undefined where nobody signed in. */
export const actorOf = (request: FastifyRequest): string | undefined => callers.get(request)?.user;

const requestOf = (context: ExecutionContext) => context.switchToHttp().getRequest<FastifyRequest>();

/** The name of the caller, for handlers that only need to note it. */
export const Actor = createParamDecorator((_: unknown, context: ExecutionContext) => callerOf(requestOf(context)).user);

/** How the caller signed in, for answers that last longer than a right may. */
export const CurrentSignIn = createParamDecorator((_: unknown, context: ExecutionContext): SignIn => {
  const signIn = signIns.get(requestOf(context));
  if (!signIn) throw new Error('The endpoint is public');
  return signIn;
});

/** The caller, for handlers that have to know what else they may do. */
export const CurrentCaller = createParamDecorator((_: unknown, context: ExecutionContext) =>
  callerOf(requestOf(context)),
);
