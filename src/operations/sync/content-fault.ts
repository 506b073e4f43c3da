import { DomainError } from '../../domain/errors.js';
import { GitError } from '../../git/port.js';

/**
 * Whether an error met while reading the mirror is the fault of what was read: a malformed object, a directory of
 * absurd size. It harms the one ref or file it is about. All other errors (of the mirror, the network, the database)
 * end the visit, and the next one begins where this one did.
 */
export function isContentFault(error: unknown): error is Error {
  if (error instanceof GitError) return error.code === 'protocol' || error.code === 'tooLarge';
  return error instanceof DomainError;
}
