import type { ExecutionContext } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import type { FastifyRequest } from 'fastify';
import { DomainError } from '../domain/errors.js';

/** Refuses a body or a query that the endpoint does not read: a client would wonder why it had no effect. */
export function refuseUnreadInput(context: ExecutionContext, request: FastifyRequest): void {
  const query = Object.keys(request.query ?? {});
  if (query.length > 0 && !reads(context, RouteParamtypes.QUERY)) {
    throw new DomainError('invalidQuery', 'The query is not valid; `errors` says why.', {
      errors: query.map((name) => ({
        pointer: name,
        code: 'unknownField',
        message: 'There is no parameter of this name here.',
      })),
    });
  }
  if (!reads(context, RouteParamtypes.BODY) && isGiven(request.body)) {
    throw new DomainError('invalidBody', 'This endpoint takes no body.', {
      errors: [{ pointer: '', code: 'unknownField', message: 'Leave the body out.' }],
    });
  }
}

/** Many clients send `{}` where they have nothing to say. */
const isGiven = (body: unknown): boolean =>
  body !== undefined && body !== null && !(typeof body === 'object' && Object.keys(body).length === 0);

function reads(context: ExecutionContext, kind: RouteParamtypes): boolean {
  const parameters: unknown = Reflect.getMetadata(ROUTE_ARGS_METADATA, context.getClass(), context.getHandler().name);
  return Object.keys(parameters ?? {}).some((name) => name.startsWith(`${kind}:`));
}
