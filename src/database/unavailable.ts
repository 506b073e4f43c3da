import { Prisma } from './generated/client.js';

/**
 * What befalls a database that is well otherwise: whoever asks is told to try again, and work waits. All other errors of a
 * statement are ours.
 * - `lost`: the connection failed, not the statement. `Outage` logs it once for the process, and nobody else does.
 * - `contended`: two transactions met, and one had to go. Nothing is wrong.
 * - `refused`: PostgreSQL answers, and cannot or must not do this now. Whoever operates it has to hear of it.
 */
export interface DatabaseFault {
  kind: 'lost' | 'contended' | 'refused';
  /** A sentence for whoever waits. */
  reason: string;
}

interface Row extends DatabaseFault {
  /** Of SQLSTATEs, which PostgreSQL gives with every error. */
  states: RegExp;
  /** Prisma's own codes for the same. */
  prisma?: readonly string[];
}

const STOPPING = 'The database is stopping or starting.';
const AWAY = 'The database does not answer.';

export const FAULTS: readonly Row[] = [
  { states: /^08/, prisma: ['P1001', 'P1002', 'P1008', 'P1017'], kind: 'lost', reason: AWAY },
  { states: /^57P0[1-5]$/, kind: 'lost', reason: STOPPING },
  {
    states: /^(40|55P03)/,
    prisma: ['P2034'],
    kind: 'contended',
    reason: 'The database was at another change of the same.',
  },
  { states: /^25006$/, kind: 'refused', reason: 'The database takes no changes now.' },
  { states: /^53100$/, kind: 'refused', reason: 'The disk of the database is full.' },
  { states: /^53200$/, kind: 'refused', reason: 'The database has no memory left.' },
  { states: /^53300$/, prisma: ['P2037'], kind: 'refused', reason: 'The database takes no more connections.' },
  { states: /^53/, kind: 'refused', reason: 'The database has reached a limit.' },
  { states: /^58/, kind: 'refused', reason: 'The database cannot read or write its files.' },
  {
    states: /^(57014|25P03|25P04)$/,
    kind: 'refused',
    reason: 'The database broke the statement off, because of a limit or an operator.',
  },
  // Prisma waited for a connection of ours, or for the end of a transaction.
  { states: /^$/, prisma: ['P2024', 'P2028'], kind: 'refused', reason: 'The database is too busy.' },
];

const SOCKET_CODES = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT']);

/** What pg says, without a code, of a connection that broke or could not be had; and Database, where one is gone. */
const LOST =
  /^Connection terminated|^timeout exceeded when trying to connect|not queryable$|^The transaction has ended/;

/** Kinds of fault that Prisma's driver names where a connection is broken. Prisma throws P2010 for every fault of a raw query. */
const DRIVER_KINDS = new Set(['ConnectionClosed', 'DatabaseNotReachable', 'SocketTimeout', 'TlsConnectionError']);

const LOST_FAULT: DatabaseFault = { kind: 'lost', reason: AWAY };

/** What an error of a query says of the database; undefined where it says nothing, so that the error is ours. */
export function faultOf(error: unknown): DatabaseFault | undefined {
  if (error instanceof Prisma.PrismaClientInitializationError) return LOST_FAULT;
  if (!(error instanceof Error)) return undefined;
  const { kind = '', originalCode } = driverCause(error);
  if (DRIVER_KINDS.has(kind)) return LOST_FAULT;
  if (originalCode !== undefined) return ofState(originalCode);
  const { code } = error as { code?: unknown };
  if (error instanceof Prisma.PrismaClientKnownRequestError) {
    return FAULTS.find(({ prisma }) => prisma?.includes(error.code));
  }
  if (typeof code === 'string') {
    if (SOCKET_CODES.has(code)) return LOST_FAULT;
    return 'severity' in error ? ofState(code) : undefined;
  }
  return LOST.test(error.message) ? LOST_FAULT : undefined;
}

/** Whether an error of a query means that the database cannot answer now, and may later. */
export const isUnavailable = (error: unknown): boolean => faultOf(error) !== undefined;

/** Whether the connection to PostgreSQL failed, rather than the statement. Callers do not log such an error: `Outage` logs it once for the process. */
export const isLost = (error: unknown): boolean => faultOf(error)?.kind === 'lost';

/** Logs what stopped work that is tried again by itself. */
export function logStop(logger: Record<'debug' | 'warn' | 'error', (line: unknown) => void>, error: unknown): void {
  const fault = faultOf(error);
  if (fault === undefined) logger.error(error);
  else if (fault.kind === 'contended') logger.debug(fault.reason);
  else if (fault.kind === 'refused') logger.warn(`${fault.reason} Work waits, and is tried again.`);
}

const ofState = (code: string): DatabaseFault | undefined => FAULTS.find(({ states }) => states.test(code));

interface DriverCause {
  kind?: string;
  /** SQLSTATE. */
  originalCode?: string;
}

/** The driver's own error. Prisma wraps it in one of its own, except where a transaction could not begin: there Prisma throws the driver's. */
function driverCause(error: Error): DriverCause {
  const bare = error.name === 'DriverAdapterError' ? error : undefined;
  const driverError = error instanceof Prisma.PrismaClientKnownRequestError ? error.meta?.['driverAdapterError'] : bare;
  return (driverError as { cause?: DriverCause } | undefined)?.cause ?? {};
}
