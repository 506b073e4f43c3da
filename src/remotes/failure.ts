import { type ReadyReason, type Stated, stated } from '../domain/condition.js';
import { DomainError, type ErrorCode } from '../domain/errors.js';
import { GitError, type GitErrorCode } from '../git/port.js';
import { SystemFault, systemFault } from '../domain/system-fault.js';
import { redacted } from '../jobs/faults.js';

const CODES: Record<GitErrorCode, ErrorCode> = {
  hostRefused: 'hostRefused',
  unreachable: 'remoteUnreachable',
  timeout: 'remoteTimeout',
  authenticationFailed: 'remoteAuthFailed',
  notFound: 'remoteNotFound',
  protocol: 'remoteProtocolError',
  tooLarge: 'remoteTooLarge',
  staleRef: 'remoteContention',
  busy: 'remoteContention',
  rejected: 'remoteRejected',
  missingObject: 'unavailable',
};

/** Reasons of a repository's `Ready` condition, for machines. */
const REASONS: Partial<Record<ErrorCode, ReadyReason>> = {
  hostRefused: 'HostRefused',
  remoteUnreachable: 'Unreachable',
  remoteTimeout: 'Timeout',
  remoteAuthFailed: 'AuthenticationFailed',
  remoteNotFound: 'RepositoryNotFound',
  remoteRefNotFound: 'RefNotFound',
  remoteHistoryDiffers: 'HistoryDiffers',
  remoteProtocolError: 'NotAGitRepository',
  remoteTooLarge: 'TooLarge',
};

/** What to say of a repository that could not be read for this reason; null where it is neither a fault of the remote nor of this machine. */
export function unreadable(error: DomainError): (Stated & { type: 'Ready' }) | null {
  const { code, message } = error;
  const reason = error instanceof SystemFault ? error.reason : REASONS[code];
  return reason === undefined ? null : { ...stated('Ready', reason, message), type: 'Ready' };
}

/** Any error as one a reader may see: also one of Git. */
export function toDomainError(error: unknown): DomainError {
  // One of Git tells that a connection could not be opened, and in its cause that this machine has none left.
  const fault = systemFault(error);
  if (fault || !(error instanceof GitError)) return fault ?? redacted(error);
  const { refs } = error.data;
  return new DomainError(CODES[error.code], error.message, refs ? { refs } : {}, { cause: error });
}

/** Whether the remote did not answer at all, as against an answer that is a refusal. */
export function isSilent({ code }: DomainError): boolean {
  return code === 'remoteUnreachable' || code === 'remoteTimeout';
}

/** Whether its message says what is wrong, so that nobody needs the error behind it. */
export const isForeseen = (error: DomainError): boolean => error.code !== 'unavailable' || error instanceof SystemFault;
