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
  'fileTooLarge',
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
  'contentChanged',
  'gatesNotMet',
  'cancelled',
  // the remote's fault
  'remoteUnreachable',
  'remoteTimeout',
  'remoteAuthFailed',
  'remoteNotFound',
  'remoteRefNotFound',
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

/**
 * A refusal the caller can understand. `message` is a sentence that says what to do; it never holds a secret.
 * `data` is added to the Problem: `errors` as field errors, everything else as extension members.
 */
export class DomainError extends Error {
  override readonly name = 'DomainError';

  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly data: { errors?: FieldError[]; [member: string]: unknown } = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
