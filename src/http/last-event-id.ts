import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { DomainError } from '../domain/errors.js';

/** Where a stream of events was broken off: the number in `Last-Event-ID`, which clients send by themselves. */
export const LastEventId = createParamDecorator((_: unknown, context: ExecutionContext): number | undefined => {
  const header = context.switchToHttp().getRequest<FastifyRequest>().headers['last-event-id'];
  if (header === undefined || header === '') return undefined;
  // Read as none, it would have its sender miss events.
  if (typeof header !== 'string' || !/^\d{1,16}$/.test(header)) {
    throw new DomainError('badRequest', 'Last-Event-ID is the id of an event: a whole number.');
  }
  return Number(header);
});
