import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Precondition } from '../domain/precondition.js';
import { addProblems } from './endpoint.js';

/** The caller's `If-Match` as a Precondition, where the header may be left out. */
export const OptionalIfMatch = createParamDecorator(
  (_: unknown, context: ExecutionContext): Precondition | undefined => {
    const header = context.switchToHttp().getRequest<FastifyRequest>().headers['if-match'];
    return header === undefined || header.trim() === '' ? undefined : { ifMatch: header };
  },
  [
    (target, key) => {
      if (key !== undefined) addProblems(target, key, ['preconditionFailed']);
    },
  ],
);
