import { DomainError } from '../../domain/errors.js';
import { GitError } from '../../git/port.js';

/**
 * True for an error that what was read is to blame for: a malformed object, a directory of absurd size. Only the ref or
 * file it is about suffers. Any other error (of the mirror, the network, the database) ends the visit, and the next
 * visit begins where this one began.
 */
export function isContentFault(error: unknown): error is Error {
  if (error instanceof GitError) return error.code === 'protocol' || error.code === 'tooLarge';
  return error instanceof DomainError;
}
