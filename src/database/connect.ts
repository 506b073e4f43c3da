import pg from 'pg';
import { StartupError } from '../config/config.js';

const CONNECT_TIMEOUT_MS = 10_000;

/**
 * A connection that listens for its own errors: one that breaks without a listener ends the process. The query that
 * uses it fails in any case.
 */
export class ListenedClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config);
    this.on('error', () => undefined);
  }
}

export type DatabaseVariable = 'DATABASE_URL' | 'DATABASE_DIRECT_URL' | 'DATABASE_OWNER_URL';

/** What operators see of a connection in `pg_stat_activity`, unless the URL says otherwise. */
export const applicationName = (part: string): string => `pkgserver ${part}`;

/** Connects once; a failure is a {@link StartupError} that names the server and never the password. */
export async function connect(
  url: string,
  variable: DatabaseVariable | 'DATABASE_READ_URL' = 'DATABASE_URL',
  /** What the session begins with, as `-c name=value`. */
  options?: string,
): Promise<pg.Client> {
  const client = new ListenedClient({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: applicationName('setup'),
    ...(options && { options }),
  });
  try {
    await client.connect();
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    throw new StartupError(`PostgreSQL at ${serverOf(url)} (${variable}) ${reasonOf(error)}.`, { cause: error });
  }
}

/** Host, port and database of a URL, without user and password. */
export function serverOf(url: string): string {
  const { hostname, port, pathname } = new URL(url);
  return `${hostname}:${port || '5432'}${pathname}`;
}

function reasonOf(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string };
  switch (code) {
    case 'ECONNREFUSED':
      return 'refuses connections; start it, or correct the URL';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'cannot be found: there is no such host';
    case '28P01':
    case '28000':
      return 'refuses this user or password';
    case '3D000':
      return 'has no such database';
    case 'ETIMEDOUT':
      return 'does not answer';
    case '08P01':
      if (!message?.includes('startup parameter: options')) return `cannot be used: ${message}`;
      return 'is a pooler that takes no settings of a session: set DATABASE_DIRECT_URL to the server itself, or REDIS_URL for the queue';
    default:
      return message?.includes('timeout') ? 'does not answer' : `cannot be used: ${message ?? String(error)}`;
  }
}
