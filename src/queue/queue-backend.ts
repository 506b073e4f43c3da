import { type Processor, Queue, type QueueOptions, runMigrations, Worker, type WorkerOptions } from 'bullmq';
import { applicationName, connect, type DatabaseVariable, ListenedClient } from '../database/connect.js';
import { type DatabaseUrls, directOf, ownerOf } from '../database/prepare.js';
import { grantSchemaToService, mayChangeSchema } from '../database/service-role.js';
import { untiring } from './untiring-backend.js';

/** BullMQ's tables have a schema of their own, so that no name of theirs meets one of the service's. */
const SCHEMA = 'pkgserver_queue';

type Options<T> = Omit<T, 'connection'>;

/** The server in which BullMQ keeps its jobs. */
export interface QueueBackend {
  name: 'PostgreSQL' | 'Redis';
  /** How long a worker with nothing to do waits to be told of a ring before it looks for itself; undefined: as BullMQ has it. */
  drainDelaySeconds?: number;
  queue(name: string, options: Options<QueueOptions>): Queue;
  worker<Data>(name: string, processor: Processor<Data>, options: Options<WorkerOptions>): Worker<Data>;
  /** A connection that breaks from now on stays so. */
  stopReconnecting(): void;
}

interface Urls extends DatabaseUrls {
  redisUrl?: string | undefined;
}

/**
 * Redis where its URL is given, else the service's own database, in which BullMQ's tables are made if missing. A Redis
 * that is away is no reason not to start: the doorbell says so, and workers find their work without it.
 */
export async function openQueueBackend(urls: Urls): Promise<QueueBackend> {
  if (urls.redisUrl !== undefined) return redisBackend(urls.redisUrl);
  await prepareQueueTables(urls);
  const [url, variable] = directOf(urls);
  await assertTakesSchema(url, variable);
  return postgresBackend(url);
}

/** Connects as BullMQ does, which would go on asking for ever; throws a StartupError that says what is wrong. */
export async function assertTakesSchema(url: string, variable: DatabaseVariable): Promise<void> {
  await (await connect(url, variable, `-c search_path=${SCHEMA}`)).end();
}

/** Makes or upgrades BullMQ's tables if this role may; otherwise an owner has made them, and they stay as they are. */
export async function prepareQueueTables(urls: DatabaseUrls): Promise<void> {
  const client = await connect(...ownerOf(urls));
  try {
    if (await mayChangeSchema(client, SCHEMA)) await runMigrations(client, SCHEMA);
  } finally {
    await client.end();
  }
  if (urls.ownerUrl !== undefined) await grantSchemaToService(urls.ownerUrl, directOf(urls), SCHEMA);
}

/** Whether BullMQ's tables are there, and this role may use them. */
export async function hasQueueTables(client: Pick<Awaited<ReturnType<typeof connect>>, 'query'>): Promise<boolean> {
  const { rows } = await client.query<{ usable: boolean | null }>(
    `SELECT bool_and(has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')
       AND has_table_privilege(c.oid, 'INSERT') AND has_table_privilege(c.oid, 'UPDATE') AND has_table_privilege(c.oid, 'DELETE')) AS usable
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relkind IN ('r', 'p')`,
    [SCHEMA],
  );
  return rows[0]?.usable === true;
}

function postgresBackend(url: string): QueueBackend {
  const connection = {
    connectionString: url,
    schema: SCHEMA,
    max: 3,
    application_name: applicationName('queue'),
    connectionTimeoutMillis: 5_000,
    Client: ListenedClient,
  };
  return {
    name: 'PostgreSQL',
    drainDelaySeconds: 30,
    queue: (name, options) => new Queue(name, { ...options, connection }, untiring) as unknown as Queue,
    worker: <Data>(name: string, processor: Processor<Data>, options: Options<WorkerOptions>) =>
      new Worker(name, processor, { ...options, connection }, untiring) as unknown as Worker<Data>,
    // The pool connects when BullMQ asks it something, and never by itself.
    stopReconnecting: () => undefined,
  };
}

function redisBackend(url: string): QueueBackend {
  let isStopping = false;
  const connection = {
    url,
    // Commands wait for Redis to come back, however long it is away and even when it was away at the start.
    maxRetriesPerRequest: null,
    retryStrategy: (attempt: number) => (isStopping ? null : Math.min(attempt * 200, 2_000)),
    // Longer than the ten seconds for which BullMQ lets Redis hold an answer back.
    socketTimeout: 15_000,
  };
  return {
    name: 'Redis',
    queue: (name, options) => new Queue(name, { ...options, connection, prefix: 'pkgserver' }),
    worker: <Data>(name: string, processor: Processor<Data>, options: Options<WorkerOptions>) =>
      new Worker<Data>(name, processor, { ...options, connection, prefix: 'pkgserver' }),
    stopReconnecting: () => {
      isStopping = true;
    },
  };
}
