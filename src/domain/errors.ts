/**
 * What can go wrong, as stable machine-readable codes. Clients branch on these, so a code is never renamed.
 * `http/problem` maps each to its HTTP status.
 */
export const ERROR_CODES = [
  // asked for wrongly
  'badRequest',
  'malformedBody',
  'invalidBody',
  'invalidQuery',
  'invalidCursor',
  'invalidName',
  'invalidPath',
  'invalidUrl',
  'invalidPackage',
  'immutableField',
  'invalidSearch',
  'queryTooExpensive',
  'fileTooLarge',
  'kptfileTooLarge',
  'packageTooLarge',
  'bodyTooLarge',
  'uriTooLong',
  'unsupportedMediaType',
  'notAcceptable',
  'methodNotAllowed',
  'preconditionRequired',
  'preconditionFailed',
  'idempotencyKeyReused',
  'hostRefused',
  // not by whoever asks
  'unauthenticated',
  'forbidden',
  'selfApproval',
  'tooManyRequests',
  // not there
  'notFound',
  'routeNotFound',
  'eventsPruned',
  // not possible in the present state
  'alreadyExists',
  'overlap',
  'nameConflict',
  'packageExists',
  'inUse',
  'draftsExist',
  'stateConflict',
  'operationInProgress',
  'draftConflict',
  'drift',
  'headDiffers',
  'baseOutdated',
  'rebaseConflict',
  'contentChanged',
  'unresolvedConflicts',
  'upToDate',
  'oursChanged',
  'baseGone',
  'otherPackage',
  'gatesNotMet',
  'dependencyFailed',
  'cancelled',
  // the remote's fault
  'remoteUnreachable',
  'remoteTimeout',
  'remoteAuthFailed',
  'remoteNotFound',
  'remoteRefNotFound',
  'remoteHistoryDiffers',
  'remoteRejected',
  'remoteProtocolError',
  'remoteTooLarge',
  'remoteContention',
  // ours
  'unavailable',
  'internal',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** One fault in the input. `pointer` is a JSON pointer into the body, or the name of a query parameter. */
export interface FieldError {
  pointer: string;
  code: string;
  message: string;
}

/** What an error can say beyond its message. Each is a member of the Problem, with a type in the contract. */
export interface ProblemMembers {
  errors?: FieldError[];
  /** The permission that was missing. */
  permission?: string;
  /** The entity tag of what the caller wanted to change, as it is now. */
  currentEtag?: string;
  /** Who changed it last, and when (RFC 3339). */
  updatedBy?: string;
  updatedAt?: string;
  /** The state of the package revision, and what the caller may do with it in that state. */
  lifecycle?: string;
  allowedActions?: string[];
  gitState?: string;
  /** The state and kind of the operation that cannot be changed so. */
  state?: string;
  kind?: string;
  /** The operation that is in the way. */
  operationId?: string;
  /** The id of the resource that exists already, or that the request names. */
  id?: string;
  packageId?: string;
  repositoryId?: string;
  /** The name of the repository that overlaps. */
  repository?: string;
  /** The names of the repositories that use it. */
  repositories?: string[];
  /** The names of the revisions that name this one as their upstream. */
  usedBy?: string[];
  /** The paths of the packages that need it, of those that the caller sees. */
  neededBy?: string[];
  /** The names of the first drafts that would be lost, and how many there are. */
  drafts?: string[];
  draftCount?: number;
  /** The gates that are shut. */
  missing?: { type: string; status: string; reason: string }[];
  /** How the caller is an author of the revision. */
  authorship?: string[];
  /** The package and workspace (or revision) whose refs clash. */
  conflictsWith?: { path: string; name: string };
  /** The path of the entry that clashes. */
  path?: string;
  /** The commit that another writer pushed to the draft's branch. */
  conflictCommit?: string | null;
  conflictTree?: string | null;
  /** The paths of files that others have changed. */
  files?: string[];
  /** The revisions that were published since a draft was begun, the newest first. */
  publishedSince?: string[];
  /** What both sides have changed and nobody has settled: the first of them, and how many there are. */
  conflicts?: { id: string; file: string; path: string; class: string }[];
  conflictCount?: number;
  /** The remote's reason for each ref that it refused. */
  refs?: { ref: string; reason: string }[];
  /** Where in the query of a search, from 0. */
  position?: number;
  sizeBytes?: number;
  maxPackageBytes?: number;
  /** Seconds after which to try again. */
  retryAfterSeconds?: number;
  /** What the process needs, by name. */
  checks?: Record<string, { status: 'up' | 'down'; message?: string | undefined; since?: string | undefined }>;
}

interface DomainErrorOptions extends ErrorOptions {
  /** What it is about: `allowedActions` are those of its state, of which a caller is told what they may do themselves. */
  about?: object;
}

/**
 * A refusal the caller can understand. `message` is a sentence that says what to do; it never holds a secret.
 * `data` is added to the Problem: `errors` as field errors, everything else as extension members.
 */
export class DomainError extends Error {
  override readonly name = 'DomainError';
  readonly about: object | undefined;

  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly data: ProblemMembers = {},
    { about, ...options }: DomainErrorOptions = {},
  ) {
    super(message, options);
    this.about = about;
  }
}

/** A refusal of input with one fault: at `pointer`, called `fault` there, and in the same words. */
export const refusal = (code: ErrorCode, pointer: string, fault: string, message: string): DomainError =>
  new DomainError(code, message, { errors: [{ pointer, code: fault, message }] });
