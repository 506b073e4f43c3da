import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { DomainError, type ErrorCode } from '../domain/errors.js';
import type { Precondition } from '../domain/precondition.js';
import { addProblems } from './endpoint.js';

const bringing = (...codes: ErrorCode[]): ParameterDecorator[] => [
  (target, key) => {
    if (key !== undefined) addProblems(target, key, codes);
  },
];

/** The caller's `If-Match` as a Precondition: which version they have read before they change anything. It is required. */
export const IfMatch = createParamDecorator(
  (_: unknown, context: ExecutionContext) => preconditionOf(context) ?? refuse(),
  bringing('preconditionRequired', 'preconditionFailed'),
);

/** The same, where the header may be left out. */
export const OptionalIfMatch = createParamDecorator(
  (_: unknown, context: ExecutionContext) => preconditionOf(context),
  bringing('preconditionFailed'),
);

function preconditionOf(context: ExecutionContext): Precondition | undefined {
  const header = context.switchToHttp().getRequest<FastifyRequest>().headers['if-match'];
  return header === undefined || header.trim() === '' ? undefined : { ifMatch: header };
}

function refuse(): never {
  throw new DomainError(
    'preconditionRequired',
    'Send If-Match with the ETag of what you read, or `*` to accept whatever it is now.',
    { errors: [{ pointer: 'If-Match', code: 'required', message: 'This header is required.' }] },
  );
}
