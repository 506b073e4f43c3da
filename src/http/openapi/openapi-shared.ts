import { EXAMPLE_ETAG, EXAMPLE_ID } from '../schema/fields.js';
import type { JsonSchema } from './component-registry.js';

export interface ResponseObject {
  $ref?: string;
  description?: string;
  headers?: Record<string, unknown>;
  content?: Record<string, { schema?: JsonSchema; example?: unknown; examples?: unknown }>;
  links?: Record<string, unknown>;
}

export const reference = (kind: string, name: string): { $ref: string } => ({ $ref: `#/components/${kind}/${name}` });

const header = (description: string, example: string) => ({ description, schema: { type: 'string' }, example });

/** Generators read the description of a parameter from its schema, documentation reads it beside the schema. */
const parameter = (name: string, place: 'query' | 'header', description: string, example: unknown, schema: object) => ({
  name,
  in: place,
  description,
  schema: { ...schema, description },
  example,
});

const text = { type: 'string' };

/** Parameters that no handler declares: the server takes them for every operation of a shape. */
export const sharedParameters = {
  DryRun: parameter('dryRun', 'query', '`true`: answer as if it was done, and do nothing.', false, { type: 'boolean' }),
  IdempotencyKey: parameter(
    'Idempotency-Key',
    'header',
    'A key of your choice (visible ASCII). For 24 hours, sending the same request with it again does nothing and gives the first answer.',
    '5f0c6f3e-2f0b-4a55-9d0f-1c1a4c7c8a11',
    { type: 'string', minLength: 1, maxLength: 255, pattern: '^[!-~]+$' },
  ),
  Prefer: parameter(
    'Prefer',
    'header',
    '`wait=N`: hold the answer up to N seconds (at most 30), and answer with the finished resource or the Problem.',
    'wait=20',
    text,
  ),
  IfNoneMatch: parameter(
    'If-None-Match',
    'header',
    'The `ETag` that you have; answers 304 if it is still current.',
    `"${EXAMPLE_ETAG}"`,
    text,
  ),
  IfMatch: {
    ...parameter(
      'If-Match',
      'header',
      'The `ETag` of what you read, or `*` for whatever it is now.',
      `"${EXAMPLE_ETAG}"`,
      text,
    ),
    required: true,
  },
  OptionalIfMatch: parameter(
    'If-Match',
    'header',
    'The `ETag` of what you read: refuses if it has changed since.',
    `"${EXAMPLE_ETAG}"`,
    text,
  ),
  LastEventId: parameter('Last-Event-ID', 'header', 'The last `id` of a stream.', '1773480413589123', text),
  RequestIdParameter: parameter(
    'X-Request-Id',
    'header',
    'Your id for the request, for the logs and the answer: at most 128 letters, digits and `._:+/=@-`.',
    EXAMPLE_ID,
    text,
  ),
};

export const sharedHeaders = {
  RequestId: header('The id of the request, in the logs as well; yours, if you sent `X-Request-Id`.', EXAMPLE_ID),
  ETag: header('Changes with every change of the resource.', `"${EXAMPLE_ETAG}"`),
  EventSequence: header(
    'What comes after the list has a higher `sequence`: follow events from there.',
    '1773480413589123',
  ),
  AccelBuffering: header('Has proxies send each part at once.', 'no'),
  Location: header('Where the new resource is.', `/api/v1/repositories/${EXAMPLE_ID}`),
  OperationLocation: header('Where the operation is.', `/api/v1/operations/${EXAMPLE_ID}`),
  WwwAuthenticate: header('With 401: how to sign in.', 'Bearer'),
  RetryAfter: header('With 429 and 503: seconds after which to try again.', '1'),
  Allow: header('With 405: the methods that there are.', 'GET, HEAD, POST'),
  RateLimit: header(
    'What is left (`r`) and for how many seconds (`t`), where requests are limited.',
    '"identity";r=5990;t=42',
  ),
  RateLimitPolicy: header('How many requests (`q`) in how many seconds (`w`).', '"identity";q=6000;w=60'),
  PreferenceApplied: header('The wait that was taken from `Prefer`.', 'wait=20'),
  DryRunOperation: header('Of a dry run: the kind of the operation that it would begin.', 'publish'),
  IdempotencyReplayed: header('`true` where this is the first answer again.', 'true'),
  ContentDisposition: header('The name to save it under.', `attachment; filename="settings.yaml"`),
};
