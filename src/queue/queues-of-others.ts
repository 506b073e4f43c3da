import type { Database } from '../database/database.js';
import type { QueueBackend } from './queue-backend.js';

type QueueName = QueueBackend['name'];

/** The name of a process's connections, by which other processes see which queue it uses. */
export const partOf = (role: string, queue: QueueName): string => `${role} on ${queue}`;

/** Says in a sentence that other processes on this database use another queue; null where none is to be seen. */
export async function queueMismatch(database: Database, queue: QueueName): Promise<string | null> {
  const other: QueueName = queue === 'Redis' ? 'PostgreSQL' : 'Redis';
  const [row] = await database.client.$queryRaw<{ seen: boolean }[]>`
    SELECT EXISTS (SELECT 1 FROM pg_stat_activity
      WHERE datname = current_database() AND application_name LIKE ${`pkgserver % on ${other}`}) AS seen`;
  if (row?.seen !== true) return null;
  return (
    `Other processes have their queue in ${other}, this one in ${queue}: neither is told of the other's work, which waits ` +
    'for the next look. Set REDIS_URL for all of them, or for none.'
  );
}
