import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { preferredOf } from './media-type.js';
import type { RouteSettings } from './endpoint.js';

/** The media type of those that the endpoint answers which the caller likes best. */
export const AcceptedType = createParamDecorator((_: unknown, context: ExecutionContext): string => {
  const { headers, routeOptions } = context.switchToHttp().getRequest<FastifyRequest>();
  return preferredOf(headers.accept, (routeOptions.config as RouteSettings).produces ?? []);
});
