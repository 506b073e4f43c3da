import { DomainError, ERROR_CODES, type ErrorCode, type ProblemMembers } from '../domain/errors.js';
import type { Problem } from './problem.schema.js';

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
  invalidSearch: { status: 422, title: 'Invalid search' },
  queryTooExpensive: { status: 422, title: 'Query too expensive' },
  fileTooLarge: { status: 413, title: 'File too large' },
  kptfileTooLarge: { status: 422, title: 'Kptfile too large' },
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
  eventsPruned: { status: 410, title: 'Events not kept any more' },
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
  headDiffers: { status: 409, title: 'Package differs in Git' },
  baseOutdated: { status: 409, title: 'Another revision was published since' },
  rebaseConflict: { status: 409, title: 'Both sides changed' },
  contentChanged: { status: 409, title: 'Content changed' },
  unresolvedConflicts: { status: 409, title: 'Conflicts are not resolved' },
  upToDate: { status: 409, title: 'Up to date' },
  oursChanged: { status: 409, title: 'Changed here' },
  baseGone: { status: 409, title: 'Base is gone' },
  otherPackage: { status: 409, title: 'Another package' },
  gatesNotMet: { status: 409, title: 'Readiness gates not met' },
  dependencyFailed: { status: 409, title: 'What it needs was not done' },
  cancelled: { status: 409, title: 'Cancelled' },
  remoteUnreachable: { status: 502, title: 'Git remote unreachable' },
  remoteTimeout: { status: 504, title: 'Git remote timed out' },
  remoteAuthFailed: { status: 502, title: 'Git remote refused the credential' },
  remoteNotFound: { status: 502, title: 'Git repository not found' },
  remoteRefNotFound: { status: 422, title: 'Git ref not found' },
  remoteHistoryDiffers: { status: 502, title: 'Git history differs' },
  remoteRejected: { status: 502, title: 'Git remote rejected the push' },
  remoteProtocolError: { status: 502, title: 'Git remote answered nonsense' },
  remoteTooLarge: { status: 502, title: 'Git remote sent too much' },
  remoteContention: { status: 503, title: 'Git remote is contended' },
  unavailable: { status: 503, title: 'Unavailable' },
  internal: { status: 500, title: 'Internal error' },
};

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

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
  const { code, detail, data } = (stored ?? {}) as { code?: unknown; detail?: unknown; data?: ProblemMembers };
  const known = isErrorCode(code) ? code : 'internal';
  return toProblem(new DomainError(known, typeof detail === 'string' ? detail : PROBLEMS[known].title, data), request);
}
