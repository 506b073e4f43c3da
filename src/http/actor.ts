import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { DomainError } from '../domain/errors.js';

/** What a Git signature, a log line and a trailer can hold. */
const SANE_NAME = /^[A-Za-z0-9][A-Za-z0-9 ._@+-]{0,126}[A-Za-z0-9._+-]$|^[A-Za-z0-9]$/;

/**
 * Who is acting. There is no authentication yet: the name in `X-Remote-User` is believed, which is fit for development
 * and for a proxy that sets it. Authentication will change this function, and nothing else.
 */
export function actorOf(request: FastifyRequest): string {
  const name = request.headers['x-remote-user'];
  return typeof name === 'string' && SANE_NAME.test(name) ? name : 'anonymous';
}

/** Nobody is to work under another name than the one that was meant: it goes into commits. */
export function refusalOfActor(request: FastifyRequest): DomainError | undefined {
  const name = request.headers['x-remote-user'];
  if (name === undefined || name === actorOf(request)) return undefined;
  return new DomainError(
    'badRequest',
    'X-Remote-User holds no name that can be used: letters, digits, spaces and . _ @ + - are.',
  );
}

export const Actor = createParamDecorator((_: unknown, context: ExecutionContext) =>
  actorOf(context.switchToHttp().getRequest<FastifyRequest>()),
);
