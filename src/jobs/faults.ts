import { faultOf } from '../database/unavailable.js';
import { DomainError, type ErrorCode } from '../domain/errors.js';
import { SystemFault, systemFault } from '../domain/system-fault.js';
import { factsOf, type OperationKind } from '../domain/operation.js';

/** Faults that pass by themselves: the operation stays `running` and is tried again. */
const TRANSIENT: ReadonlySet<ErrorCode> = new Set([
  'remoteUnreachable',
  'remoteTimeout',
  'remoteContention',
  'unavailable',
]);

/** Any error as one a reader may see. What is not known is redacted; the log has it. */
export function redacted(error: unknown): DomainError {
  if (error instanceof DomainError) return error;
  const fault = systemFault(error);
  if (fault) return fault;
  const message = faultOf(error)?.reason ?? 'An unexpected error stopped this attempt; it is in the log.';
  return new DomainError('unavailable', message, {}, { cause: error });
}

const HOUR_MS = 60 * 60 * 1000;

/** Whether an operation of the kind, begun at `startedAt`, is tried again by itself after this fault. */
export function isRetried(kind: OperationKind, error: DomainError, startedAt: Date | null = null): boolean {
  const { retries } = factsOf(kind);
  if (retries === 'always') return error.code !== 'draftConflict';
  if (retries === 'never' || !TRANSIENT.has(error.code)) return false;
  return retries === 'transient' || startedAt === null || Date.now() - startedAt.getTime() < HOUR_MS;
}

/** A process may lack a key, or room on its disk, that another one has: its failure puts off their next attempt for so long at most. */
const OWN_FAULT_SECONDS = 10;

/** The most seconds between two attempts after this fault, where `maximum` is what faults of others take. */
export const longestPause = (error: DomainError, maximum: number): number =>
  error instanceof SystemFault ? Math.min(OWN_FAULT_SECONDS, maximum) : maximum;

/** Seconds until attempt `attempts + 1`: exponential, at most `maximum`, with jitter so that retries spread. */
export function backoffSeconds(attempts: number, maximum: number, random = Math.random()): number {
  const ceiling = Math.min(maximum, 0.5 * 2 ** Math.min(attempts, 16));
  return ceiling * (0.5 + random / 2);
}
