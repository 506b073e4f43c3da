import { DomainError } from '../domain/errors.js';
import { Prisma } from './generated/client.js';
import { faultOf } from './unavailable.js';

/** Says an error of a query in the words of the domain, or returns undefined for one that no caller can act on. */
export function fromDatabase(error: unknown): DomainError | undefined {
  const fault = faultOf(error);
  if (fault) return new DomainError('unavailable', `${fault.reason} Try again.`, {}, { cause: error });
  if (!(error instanceof Prisma.PrismaClientKnownRequestError)) return undefined;
  switch (error.code) {
    case 'P2002':
      return new DomainError('alreadyExists', 'Something with the same unique value exists already.');
    case 'P2003':
      return new DomainError('inUse', 'Something else still refers to this, or this to it.');
    case 'P2025':
      return new DomainError('notFound', 'It was deleted meanwhile.');
    default:
      return undefined;
  }
}
