import { ERROR_CODES, type ErrorCode } from '../../domain/errors.js';
import { EXAMPLE_ETAG, EXAMPLE_ID } from '../schema/fields.js';
import type { JsonSchema } from './component-registry.js';
import { PROBLEM_MEDIA_TYPE, PROBLEMS } from '../problem.js';

export interface ResponseObject {
  $ref?: string;
  description?: string;
  headers?: Record<string, unknown>;
  content?: Record<string, { schema?: JsonSchema; example?: unknown; examples?: unknown }>;
}

export const reference = (kind: string, name: string): { $ref: string } => ({ $ref: `#/components/${kind}/${name}` });

const header = (description: string, example: string) => ({ description, schema: { type: 'string' }, example });

const parameter = (name: string, description: string, example: string, schema: object = { type: 'string' }) => ({
  name,
  in: 'header',
  required: false,
  description,
  schema,
  example,
});

/** An example Problem of each code; the ones with `errors` are those that name a part of the input. */
function problemExample(code: ErrorCode): object {
  const field: Partial<Record<ErrorCode, object>> = {
    invalidBody: { pointer: '/name', code: 'required', message: 'This is required.' },
    invalidQuery: { pointer: 'pageSize', code: 'invalidFormat', message: 'A whole number from 1 on is expected.' },
    immutableField: { pointer: '/git/url', code: 'immutableField', message: 'This cannot change.' },
  };
  return {
    type: `urn:pkgserver:problem:${code}`,
    ...PROBLEMS[code],
    detail: `${PROBLEMS[code].title}: a sentence that says what happened and what to do.`,
    instance: '/api/v1/repositories',
    code,
    requestId: EXAMPLE_ID,
    ...(field[code] ? { errors: [field[code]] } : {}),
  };
}

/** The answer of a status that stands for these codes. */
export function describeProblems(status: number, codes: readonly ErrorCode[]): ResponseObject {
  const described = codes.map((code) => `\`${code}\` (${PROBLEMS[code].title.toLowerCase()})`).join(', ');
  return {
    description: `Problem: ${described}.`,
    headers: {
      'X-Request-Id': reference('headers', 'RequestId'),
      ...(status === 401 ? { 'WWW-Authenticate': reference('headers', 'WwwAuthenticate') } : {}),
      ...(status === 429 ? RATE_LIMIT_HEADERS : {}),
      ...(status === 503 ? { 'Retry-After': reference('headers', 'RetryAfter') } : {}),
    },
    content: {
      [PROBLEM_MEDIA_TYPE]: {
        schema: reference('schemas', 'Problem'),
        examples: Object.fromEntries(codes.map((code) => [code, reference('examples', code)])),
      },
    },
  };
}

const RATE_LIMIT_HEADERS = {
  'Retry-After': reference('headers', 'RetryAfter'),
  RateLimit: reference('headers', 'RateLimit'),
  'RateLimit-Policy': reference('headers', 'RateLimitPolicy'),
};

/** Components that operations refer to by name. */
export const sharedComponents = {
  parameters: {
    DryRun: {
      name: 'dryRun',
      in: 'query',
      required: false,
      description: '`true`: answer as if it was done, and do nothing.',
      schema: { type: 'boolean', default: false },
      example: false,
    },
    IdempotencyKey: parameter(
      'Idempotency-Key',
      'A key of your choice (visible ASCII). For 24 hours, sending the same request with it again does nothing and gives the first answer.',
      '5f0c6f3e-2f0b-4a55-9d0f-1c1a4c7c8a11',
      { type: 'string', minLength: 1, maxLength: 255, pattern: '^[!-~]+$' },
    ),
    Prefer: parameter(
      'Prefer',
      '`wait=N`: hold the answer up to N seconds (at most 30), and answer with the finished resource or the Problem.',
      'wait=20',
    ),
    IfNoneMatch: parameter(
      'If-None-Match',
      'The `ETag` that you have; answers 304 if it is still current.',
      `"${EXAMPLE_ETAG}"`,
    ),
    IfMatch: {
      ...parameter('If-Match', 'The `ETag` of what you read, or `*` for whatever it is now.', `"${EXAMPLE_ETAG}"`),
      required: true,
    },
  },
  headers: {
    RequestId: header('The id of the request, in the logs as well; yours, if you sent `X-Request-Id`.', EXAMPLE_ID),
    ETag: header('Changes with every change of the resource.', `"${EXAMPLE_ETAG}"`),
    Location: header('Where the new resource is.', `/api/v1/repositories/${EXAMPLE_ID}`),
    OperationLocation: header('Where the operation is.', `/api/v1/operations/${EXAMPLE_ID}`),
    WwwAuthenticate: header('How to sign in.', 'Bearer'),
    RetryAfter: header('Seconds after which to try again.', '1'),
    RateLimit: header('What is left (`r`) and for how many seconds (`t`).', '"identity";r=5990;t=42'),
    RateLimitPolicy: header('How many requests (`q`) in how many seconds (`w`).', '"identity";q=6000;w=60'),
    PreferenceApplied: header('The wait that was taken from `Prefer`.', 'wait=20'),
    IdempotencyReplayed: header('`true` where this is the first answer again.', 'true'),
  },
  responses: Object.fromEntries(ERROR_CODES.map((code) => [code, describeProblems(PROBLEMS[code].status, [code])])),
  examples: Object.fromEntries(
    ERROR_CODES.map((code) => [code, { summary: PROBLEMS[code].title, value: problemExample(code) }]),
  ),
};
