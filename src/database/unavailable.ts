import { Prisma } from './generated/client.js';

/** Prisma's codes for a server that is away, too busy, or gave up on a transaction. */
const PRISMA_CODES = new Set(['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2028', 'P2034', 'P2037']);

/** Those of a server that cannot be reached, or whose connection broke. */
const PRISMA_LOST = new Set(['P1001', 'P1002', 'P1008', 'P1017']);

/** SQLSTATE: no connection (08), a deadlock or its like (40001, 40P01), no resources (53), stopped by an operator (57P). */
const SQL_STATES = /^(08|40001|40P01|53|57P)/;

/** Those of the codes above that mean that PostgreSQL has closed the connection or takes none: it stops, starts, or is away. */
const LOST_STATES = /^(08|57P0)/;

const SOCKET_CODES = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT']);

/** What pg says, without a code, of a connection that broke or could not be had; and Database, where one is gone. */
const LOST =
  /^Connection terminated|^timeout exceeded when trying to connect|not queryable$|^The transaction has ended/;

/** Kinds of fault that Prisma's driver names where a connection is broken. Prisma throws P2010 for every fault of a raw query. */
const DRIVER_KINDS = new Set(['ConnectionClosed', 'DatabaseNotReachable', 'SocketTimeout', 'TlsConnectionError']);

/** Whether an error of a query means that the database cannot answer now, and may later. */
export const isUnavailable = (error: unknown): boolean => isFaultOf(error, PRISMA_CODES, SQL_STATES);

/** Whether the connection to PostgreSQL failed, rather than the statement. Callers do not log such an error: `Outage` logs it once for the process. */
export const isLost = (error: unknown): boolean => isFaultOf(error, PRISMA_LOST, LOST_STATES);

function isFaultOf(error: unknown, prismaCodes: ReadonlySet<string>, sqlStates: RegExp): boolean {
  if (error instanceof Prisma.PrismaClientInitializationError) return true;
  if (!(error instanceof Error)) return false;
  const { kind = '', originalCode = '' } = driverCause(error);
  if (DRIVER_KINDS.has(kind) || sqlStates.test(originalCode)) return true;
  if (error instanceof Prisma.PrismaClientKnownRequestError) return prismaCodes.has(error.code);
  const { code } = error as { code?: unknown };
  if (typeof code === 'string') return SOCKET_CODES.has(code) || ('severity' in error && sqlStates.test(code));
  return LOST.test(error.message);
}

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
