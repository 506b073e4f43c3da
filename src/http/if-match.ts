import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { DomainError } from '../domain/errors.js';
import type { Precondition } from '../domain/precondition.js';
import { addProblems } from './endpoint.js';

/** Throws `preconditionRequired` without `If-Match`: a client says which version it has read before it changes anything. */
function requirePrecondition(header: string | undefined): Precondition {
  if (header !== undefined && header.trim() !== '') return { ifMatch: header };
  throw new DomainError(
    'preconditionRequired',
    'Send If-Match with the ETag of what you read, or `*` to accept whatever it is now.',
    { errors: [{ pointer: 'If-Match', code: 'required', message: 'This header is required.' }] },
  );
}

/** The caller's `If-Match` as a Precondition; the header is required. */
export const IfMatch = createParamDecorator(
  (_: unknown, context: ExecutionContext): Precondition =>
    requirePrecondition(context.switchToHttp().getRequest<FastifyRequest>().headers['if-match']),
  [
    (target, key) => {
      if (key !== undefined) addProblems(target, key, ['preconditionRequired', 'preconditionFailed']);
    },
  ],
);
