import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

const SANE_NAME = /^[A-Za-z0-9][A-Za-z0-9._@+-]{0,127}$/;

/**
 * Who is acting. There is no authentication yet: the name in `X-Remote-User` is believed, which is fit for development
 * and for a proxy that sets it. Authentication will change this function, and nothing else.
 */
export function actorOf(request: FastifyRequest): string {
  const name = request.headers['x-remote-user'];
  return typeof name === 'string' && SANE_NAME.test(name) ? name : 'anonymous';
}

export const Actor = createParamDecorator((_: unknown, context: ExecutionContext) =>
  actorOf(context.switchToHttp().getRequest<FastifyRequest>()),
);
