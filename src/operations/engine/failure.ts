import { DomainError, type ErrorCode } from '../../domain/errors.js';
import { GitError, type GitErrorCode } from '../../git/port.js';
import { factsOf, type OperationKind } from '../../domain/operation.js';

const CODES: Record<GitErrorCode, ErrorCode> = {
  hostRefused: 'hostRefused',
  unreachable: 'remoteUnreachable',
  timeout: 'remoteTimeout',
  authenticationFailed: 'remoteAuthFailed',
  notFound: 'remoteNotFound',
  protocol: 'remoteProtocolError',
  tooLarge: 'remoteTooLarge',
  staleRef: 'remoteContention',
  rejected: 'remoteRejected',
  missingObject: 'unavailable',
};

/** Faults that pass by themselves: the operation stays `running` and is tried again. */
const TRANSIENT: ReadonlySet<ErrorCode> = new Set([
  'remoteUnreachable',
  'remoteTimeout',
  'remoteContention',
  'unavailable',
]);

/** Any error as one a reader may see. What is not known is redacted; the log has it. */
export function toDomainError(error: unknown): DomainError {
  if (error instanceof DomainError) return error;
  if (error instanceof GitError) {
    return new DomainError(CODES[error.code], error.message, error.data.refs ? { refs: error.data.refs } : {}, {
      cause: error,
    });
  }
  return new DomainError(
    'unavailable',
    'An unexpected error stopped this attempt; it is in the log.',
    {},
    {
      cause: error,
    },
  );
}

/** Whether the remote did not answer at all, as against an answer that is a refusal. */
export function isSilent({ code }: DomainError): boolean {
  return code === 'remoteUnreachable' || code === 'remoteTimeout';
}

/** Whether the engine tries an operation of the kind again by itself after this fault. */
export function isRetried(kind: OperationKind, error: DomainError): boolean {
  const { retries } = factsOf(kind);
  if (retries === 'always') return error.code !== 'draftConflict';
  return retries === 'transient' && TRANSIENT.has(error.code);
}

/** Seconds until attempt `attempts + 1`: exponential, at most `maximum`, with jitter so that retries spread. */
export function backoffSeconds(attempts: number, maximum: number, random = Math.random()): number {
  const ceiling = Math.min(maximum, 0.5 * 2 ** Math.min(attempts, 16));
  return ceiling * (0.5 + random / 2);
}
