import { DomainError, type ErrorCode } from '../domain/errors.js';

const DENIALS: ReadonlySet<ErrorCode> = new Set(['unauthenticated', 'forbidden', 'selfApproval']);

/** A resource that the caller may not see is refused as `notFound`; its cause tells that it was a denial. */
export const isDenial = (error: unknown): error is DomainError =>
  error instanceof DomainError &&
  (DENIALS.has(error.code) || (error.cause instanceof DomainError && DENIALS.has(error.cause.code)));

/** What the audit log says of a denial: the permission that was missing, or why. */
export function denialReason({ code, message, data, cause }: DomainError): string {
  const permission = data.permission ?? (cause instanceof DomainError ? cause.data.permission : undefined);
  return typeof permission === 'string' ? `${code}: ${permission}` : `${code}: ${message}`;
}
