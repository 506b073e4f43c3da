import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { Precondition } from '../domain/precondition.js';
import { addProblems } from './endpoint.js';
import { EXAMPLE_ETAG } from './schema/fields.js';

/** The caller's `If-Match` as a Precondition, where the header may be left out. */
export const OptionalIfMatch = createParamDecorator(
  (_: unknown, context: ExecutionContext): Precondition | undefined => {
    const header = context.switchToHttp().getRequest<FastifyRequest>().headers['if-match'];
    return header === undefined || header.trim() === '' ? undefined : { ifMatch: header };
  },
  [
    (target, key) => {
      const method = key === undefined ? undefined : Object.getOwnPropertyDescriptor(target, key);
      if (key === undefined || method === undefined) return;
      addProblems(target, key, ['preconditionFailed']);
      ApiHeader({
        name: 'If-Match',
        required: false,
        description: 'The `ETag` of what you read: refuses if it has changed since.',
        schema: { type: 'string' },
        example: `"${EXAMPLE_ETAG}"`,
      })(target, key, method);
    },
  ],
);
