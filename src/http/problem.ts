import { z } from 'zod';
import { DomainError, ERROR_CODES, type ErrorCode } from '../domain/errors.js';

/** The HTTP status and the short, constant title of every error code. */
export const PROBLEMS: Record<ErrorCode, { status: number; title: string }> = {
  badRequest: { status: 400, title: 'Bad request' },
  malformedBody: { status: 400, title: 'Malformed body' },
  invalidBody: { status: 422, title: 'Invalid body' },
  invalidQuery: { status: 400, title: 'Invalid query' },
  invalidCursor: { status: 400, title: 'Invalid cursor' },
  invalidName: { status: 422, title: 'Invalid name' },
  invalidPath: { status: 422, title: 'Invalid path' },
  invalidUrl: { status: 422, title: 'Invalid URL' },
  invalidPackage: { status: 422, title: 'Invalid package' },
  immutableField: { status: 422, title: 'Field cannot change' },
  fileTooLarge: { status: 413, title: 'File too large' },
  packageTooLarge: { status: 413, title: 'Package too large' },
  bodyTooLarge: { status: 413, title: 'Body too large' },
  uriTooLong: { status: 414, title: 'URI too long' },
  unsupportedMediaType: { status: 415, title: 'Unsupported media type' },
  notAcceptable: { status: 406, title: 'Not acceptable' },
  methodNotAllowed: { status: 405, title: 'Method not allowed' },
  preconditionRequired: { status: 428, title: 'Precondition required' },
  preconditionFailed: { status: 412, title: 'Precondition failed' },
  idempotencyKeyReused: { status: 422, title: 'Idempotency key reused' },
  hostRefused: { status: 422, title: 'Host refused' },
  unauthenticated: { status: 401, title: 'Not signed in' },
  forbidden: { status: 403, title: 'Not allowed' },
  selfApproval: { status: 403, title: 'Own work' },
  tooManyRequests: { status: 429, title: 'Too many requests' },
  notFound: { status: 404, title: 'Not found' },
  routeNotFound: { status: 404, title: 'No such route' },
  alreadyExists: { status: 409, title: 'Already exists' },
  overlap: { status: 409, title: 'Repositories overlap' },
  nameConflict: { status: 409, title: 'Names conflict in Git' },
  packageExists: { status: 409, title: 'Package exists' },
  inUse: { status: 409, title: 'In use' },
  draftsExist: { status: 409, title: 'Drafts exist' },
  stateConflict: { status: 409, title: 'Not possible in this state' },
  operationInProgress: { status: 409, title: 'Operation in progress' },
  draftConflict: { status: 409, title: 'Draft changed in Git' },
  drift: { status: 409, title: 'Package changed in Git' },
  contentChanged: { status: 409, title: 'Content changed' },
  gatesNotMet: { status: 409, title: 'Readiness gates not met' },
  cancelled: { status: 409, title: 'Cancelled' },
  remoteUnreachable: { status: 502, title: 'Git remote unreachable' },
  remoteTimeout: { status: 504, title: 'Git remote timed out' },
  remoteAuthFailed: { status: 502, title: 'Git remote refused the credential' },
  remoteNotFound: { status: 502, title: 'Git repository not found' },
  remoteRefNotFound: { status: 502, title: 'Git ref not found' },
  remoteRejected: { status: 502, title: 'Git remote rejected the push' },
  remoteProtocolError: { status: 502, title: 'Git remote answered nonsense' },
  remoteTooLarge: { status: 502, title: 'Git remote sent too much' },
  remoteContention: { status: 503, title: 'Git remote is contended' },
  unavailable: { status: 503, title: 'Unavailable' },
  internal: { status: 500, title: 'Internal error' },
};

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

const fieldError = z
  .strictObject({
    pointer: z
      .string()
      .describe('A JSON pointer into the body, or the name of a query parameter or header.')
      .meta({ examples: ['/git/url'] }),
    code: z
      .string()
      .describe('What is wrong, for programs.')
      .meta({ examples: ['unknownField'] }),
    message: z
      .string()
      .describe('What is wrong, for people.')
      .meta({ examples: ['There is no field of this name.'] }),
  })
  .meta({
    id: 'FieldError',
    description: 'One fault in the input.',
    examples: [{ pointer: '/git/url', code: 'required', message: 'This field is required.' }],
  });

export const problemSchema = z
  .looseObject({
    type: z
      .string()
      .describe('A URI that names this kind of problem; it ends with `code`.')
      .meta({ format: 'uri', examples: ['urn:pkgserver:problem:notFound'] }),
    title: z
      .string()
      .describe('The kind of problem in a few words; the same for every problem with this `code`.')
      .meta({ examples: ['Not found'] }),
    status: z
      .int()
      .min(400)
      .max(599)
      .describe('The HTTP status.')
      .meta({ examples: [404] }),
    detail: z
      .string()
      .describe('What happened this time, and what to do about it.')
      .meta({ examples: ['There is no repository with the id 0199a0de-0000-7000-8000-000000000000.'] }),
    instance: z
      .string()
      .optional()
      .describe('The path of the request.')
      .meta({ examples: ['/api/v1/repositories/0199a0de-0000-7000-8000-000000000000'] }),
    code: z
      .enum(ERROR_CODES)
      .describe('What went wrong, for programs. Codes are never renamed; new ones may be added.')
      .meta({ examples: ['notFound'] }),
    requestId: z
      .string()
      .optional()
      .describe('The id of the request, as in the `X-Request-Id` header and in the logs.')
      .meta({ examples: ['0199a0de-7a3e-7cc1-a6a5-58d3d44e5a0c'] }),
    errors: z
      .array(fieldError)
      .optional()
      .describe('The faults in the input, one by one.')
      .meta({ examples: [[{ pointer: '/git/url', code: 'required', message: 'This field is required.' }]] }),
  })
  .meta({
    id: 'Problem',
    description:
      'Why a request failed (RFC 9457). Some codes add members of their own, such as `lifecycle` and `allowedActions`.',
    examples: [
      {
        type: 'urn:pkgserver:problem:notFound',
        title: 'Not found',
        status: 404,
        detail: 'There is no repository with the id 0199a0de-0000-7000-8000-000000000000.',
        instance: '/api/v1/repositories/0199a0de-0000-7000-8000-000000000000',
        code: 'notFound',
        requestId: '0199a0de-7a3e-7cc1-a6a5-58d3d44e5a0c',
      },
    ],
  });

export type Problem = z.output<typeof problemSchema>;

const isErrorCode = (code: unknown): code is ErrorCode => ERROR_CODES.includes(code as ErrorCode);

/** The Problem that a DomainError is over HTTP. */
export function toProblem(error: DomainError, request: { instance?: string; requestId?: string } = {}): Problem {
  const { status, title } = PROBLEMS[error.code];
  const type = `urn:pkgserver:problem:${error.code}`;
  const standard = { type, title, status, detail: error.message, code: error.code, ...request };
  // The standard members come first, for people, and cannot be overwritten.
  return { ...standard, ...error.data, ...standard };
}

/** The Problem that an operation ended with. It is stored as `{code, detail, data}`, without anything of HTTP. */
export function storedProblem(stored: unknown, request: { instance?: string; requestId?: string } = {}): Problem {
  const { code, detail, data } = (stored ?? {}) as { code?: unknown; detail?: unknown; data?: DomainError['data'] };
  const known = isErrorCode(code) ? code : 'internal';
  return toProblem(new DomainError(known, typeof detail === 'string' ? detail : PROBLEMS[known].title, data), request);
}
