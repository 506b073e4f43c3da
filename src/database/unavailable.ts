import { Prisma } from './generated/client.js';

/** Prisma's codes for a server that is away, too busy, or gave up on a transaction. */
const PRISMA_CODES = new Set(['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2028', 'P2034', 'P2037']);

/** SQLSTATE: no connection (08), a deadlock or its like (40001, 40P01), no resources (53), stopped by an operator (57P). */
const SQL_STATES = /^(08|40001|40P01|53|57P)/;

const SOCKET_CODES = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT']);

/** What pg says, without a code, of a connection that broke or could not be had; and Database, where one is gone. */
const LOST =
  /^Connection terminated|^timeout exceeded when trying to connect|not queryable$|^The transaction has ended/;

/** Whether an error of a query means that the database cannot answer now, and may later. */
export function isUnavailable(error: unknown): boolean {
  if (error instanceof Prisma.PrismaClientInitializationError) return true;
  if (error instanceof Prisma.PrismaClientKnownRequestError) return PRISMA_CODES.has(error.code);
  if (!(error instanceof Error)) return false;
  const { code } = error as { code?: unknown };
  if (typeof code === 'string') return SOCKET_CODES.has(code) || ('severity' in error && SQL_STATES.test(code));
  return LOST.test(error.message);
}
