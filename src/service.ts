import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Authenticator } from './access/authenticator.js';
import { ensureFirstToken } from './access/first-token.js';
import { AppModule } from './app.module.js';
import { AuditSealer } from './audit/audit-sealer.js';
import { type Config, searchPath, StartupError } from './config/config.js';
import { makeDataFolder } from './config/data-folder.js';
import { isLoopback } from './config/loopback.js';
import { Database } from './database/database.js';
import { EmbeddedPostgres } from './database/embedded-postgres.js';
import { checkUrls, type DatabaseUrls, prepareDatabase } from './database/prepare.js';
import { createGit, GitMissingError } from './git/create-git.js';
import { drain } from './drain.js';
import { openBlobStore } from './open-blob-store.js';
import { openSealingKeys } from './open-sealing-keys.js';
import { OpenedParts } from './opened-parts.js';
import { EventNumbering } from './events/event-numbering.js';
import type { GitPort } from './git/port.js';
import { createApiApp } from './http/http-app.js';
import { packageBodyLimit } from './http/route-settings.js';
import { ForwardProxies } from './net/forward-proxy.js';
import { Metrics } from './logging/metrics.js';
import { Worker } from './jobs/worker.js';
import { RateLimits } from './rate-limit/rate-limits.js';
import { partOf, queueMismatch } from './queue/queues-of-others.js';
import { BullmqDoorbell } from './queue/bullmq-doorbell.js';
import { openQueueBackend } from './queue/queue-backend.js';
import { openTracer } from './tracing/open-tracer.js';
import { noteGit, noteRequest, type Observers } from './observers.js';
import { VERSION } from './version.js';

/** A running pkgserver of one role. */
export interface Service {
  /** The address at which its HTTP listens, e.g. `http://127.0.0.1:8080`. */
  url: string;
  /** Takes no new work, finishes what is under way, and closes everything that was opened, last first. */
  stop(): Promise<void>;
}

export interface StartOptions {
  /** Called when the embedded PostgreSQL ends by itself. */
  onDatabaseLost?: () => void;
  /** Ends the start at its next step. */
  signal?: AbortSignal;
  /** What counts before the start has come to its metrics. */
  metrics?: Metrics;
}

/** Starts what the role needs, in order; when a step fails, or is to be the last one, what was opened is closed again. */
export async function startService(config: Config, options: StartOptions = {}): Promise<Service> {
  const { signal, metrics = new Metrics() } = options;
  const log = new Logger('pkgserver');
  const opened = new OpenedParts(log);
  const stop = () => opened.close();
  try {
    await makeDataFolder(config.dataDir);
    const { urls, place } = await openDatabase(config, opened, log, options);
    signal?.throwIfAborted();
    const { databaseUrl: url, directUrl } = urls;
    const queueName = config.redisUrl === undefined ? 'PostgreSQL' : 'Redis';
    const part = partOf(config.role, queueName);
    const replicas = { urls: readUrls(config), mostBehindSeconds: config.databaseReadLagSeconds };
    const database = new Database({ url, directUrl, poolSize: config.databasePoolSize, replicas, part });
    opened.add('the database', () => database.onModuleDestroy());

    if (config.auth === 'required' && config.role !== 'worker') await ensureFirstToken(database, config.dataDir);

    const backend = await openQueueBackend({ ...urls, redisUrl: config.redisUrl });
    const doorbell = new BullmqDoorbell(backend, config.leaseSeconds * 1000);
    opened.add('the queue', () => doorbell.close());
    const queue = backend.name === 'Redis' ? `Redis at ${placeOf(config.redisUrl)}` : `in the same ${backend.name}`;
    const mismatch = await queueMismatch(database, backend.name);
    if (mismatch !== null) log.warn(mismatch);

    const rateLimits = new RateLimits({
      identity: config.rateLimitIdentity,
      address: config.rateLimitAddress,
      redisUrl: config.redisUrl,
    });
    opened.add('rate limits', () => rateLimits.close());
    const tracer = await openTracer(config, VERSION);
    opened.add('the tracer', () => tracer.stop());
    const { git, description } = await openGit(config, { metrics, tracer });
    opened.add('Git', () => git.close());
    if (config.gitTransport === 'auto' && description.startsWith('JavaScript')) {
      log.warn(
        `Git is spoken by ${description}: ssh:// URLs cannot be read, and large repositories take longer. Install git.`,
      );
    }

    const sealingKeys = await openSealingKeys(config, database, log);
    const blobStore = await openBlobStore(config, database, log);
    opened.add('the blob store', async () => blobStore.close());
    signal?.throwIfAborted();
    const resources = { config, database, blobStore, doorbell, git, metrics, rateLimits, sealingKeys, tracer };
    const app = await createApiApp(AppModule.register(config.role, resources), {
      version: VERSION,
      trustedProxies: config.trustedProxies,
      publicUrl: config.publicUrl,
      corsOrigins: config.corsOrigins,
      bodyLimits: { large: packageBodyLimit(config.maxPackageBytes) },
      tracer,
      onRequestFinished: (entry) => noteRequest(entry, metrics),
    });
    opened.add('the application', () => app.close());
    const sealer = app.get(AuditSealer, { strict: false });
    opened.add('the audit', () => sealer.stop());
    sealer.start();
    const numbering = app.get(EventNumbering, { strict: false });
    opened.add('event numbers', () => numbering.stop());
    numbering.start();

    const address = await listen(app, config);
    const worker = config.role === 'api' ? undefined : app.get(Worker, { strict: false });
    // Both at once: a process should have ended within seconds of SIGTERM.
    opened.add('work under way', async () => {
      await Promise.all([drain(app, config), worker?.stop()]);
      // Spans are sent while the rest is closed.
      void tracer.stop();
    });
    await worker?.start();
    // It may be away for a moment: no reason to wait, nor not to start.
    if (config.role !== 'worker' && config.auth === 'required') app.get(Authenticator, { strict: false }).tryProvider();
    announce(config, { url: address, git: description, database: place, queue }, log);
    return { url: address, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function openDatabase(
  config: Config,
  opened: OpenedParts,
  log: Logger,
  { onDatabaseLost, signal }: StartOptions,
): Promise<{ urls: DatabaseUrls; place: string }> {
  let { databaseUrl, databaseOwnerUrl: ownerUrl } = config;
  const isEmbedded = databaseUrl === undefined;
  if (databaseUrl === undefined) {
    log.debug('Starting the embedded PostgreSQL');
    const embedded = await EmbeddedPostgres.start(config.dataDir, {}, signal);
    opened.add('the embedded PostgreSQL', () => embedded.stop());
    signal?.throwIfAborted();
    if (onDatabaseLost) embedded.onUnexpectedExit(onDatabaseLost);
    databaseUrl = embedded.serviceUrl;
    ownerUrl = embedded.url;
  }
  const where = placeOf(databaseUrl);
  const place = isEmbedded ? `embedded PostgreSQL at ${where}, data in ${config.dataDir}` : `PostgreSQL at ${where}`;
  const urls: DatabaseUrls = { databaseUrl, directUrl: config.databaseDirectUrl, ownerUrl };
  if (!isEmbedded) await checkUrls(urls);
  const applied = await prepareDatabase(urls);
  if (applied.length > 0) log.log(`Migrations applied: ${applied.join(', ')}`);
  return { urls, place };
}

/** A worker answers no requests. */
const readUrls = ({ role, databaseReadUrl }: Config): string[] => (role === 'worker' ? [] : databaseReadUrl);

async function openGit(config: Config, observers: Observers): Promise<{ git: GitPort; description: string }> {
  try {
    return await createGit({
      transport: config.gitTransport,
      searchPath: searchPath(),
      dataDir: config.dataDir,
      allowedHosts: config.gitAllowedHosts,
      allowHttp: config.gitAllowHttp,
      proxies: new ForwardProxies(config),
      connectTimeoutMs: config.gitConnectTimeoutSeconds * 1000,
      idleTimeoutMs: config.gitTimeoutSeconds * 1000,
      maxPackBytes: config.gitMaxPackBytes,
      onTiming: (...timing) => noteGit(timing, observers),
    });
  } catch (error) {
    throw error instanceof GitMissingError ? new StartupError(error.message, { cause: error }) : error;
  }
}

async function listen(app: NestFastifyApplication, config: Config): Promise<string> {
  const { host, port } = config;
  try {
    await app.listen(port, host);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reasons: Record<string, string> = {
      EADDRINUSE: `PORT ${port} of ${host} is in use: stop what listens there, or set PORT to another one.`,
      EACCES: `PORT ${port} may not be used by this user: set PORT to one above 1023.`,
      EADDRNOTAVAIL: `HOST ${host} is no address of this machine.`,
      ENOTFOUND: `HOST ${host} is no address of this machine.`,
    };
    throw new StartupError(reasons[code ?? ''] ?? `HTTP cannot listen on ${host}:${port}: ${message}.`, {
      cause: error,
    });
  }
  const address = app.getHttpServer().address();
  const bound = typeof address === 'object' && address ? address.port : port;
  return `http://${host.includes(':') ? `[${host}]` : host}:${bound}`;
}

/** Five lines: what runs, on what, how one signs in, and where. The last one says that it is ready. */
function announce(
  config: Config,
  on: { url: string; git: string; database: string; queue: string },
  log: Logger,
): void {
  const { role, host, workerConcurrency, auth } = config;
  const work = role === 'api' ? 'no repositories, workers do' : `up to ${workerConcurrency} repositories at a time`;
  log.log(`pkgserver ${VERSION}, role ${role}: works on ${work}, with ${on.git}`);
  log.log(`Database: ${on.database}`);
  log.log(`Queue: ${on.queue}`);
  if (auth === 'none' && role !== 'worker') {
    const reach = isLoopback(host) ? 'this machine' : host;
    log.warn(`With AUTH=none, whoever reaches ${reach} may do anything, under any name.`);
  } else log.log(`Sign-in: ${signIn(config)}`);
  log.log(
    role === 'worker' ? `Health: ${on.url}/health/ready` : `API: ${on.url}/api/v1, documentation: ${on.url}/docs`,
  );
}

function signIn({ role, dataDir, oidcIssuer }: Config): string {
  if (role === 'worker') return 'none, a worker takes no requests';
  const file = join(dataDir, 'admin-token');
  const first = existsSync(file) ? `; that of the first administrator is in ${file}` : '';
  return `with API tokens${oidcIssuer === undefined ? '' : ` and at ${oidcIssuer}`}${first}`;
}

/** Host and port (and database) of a URL, without user and password. */
function placeOf(url: string | undefined): string {
  const { host, pathname } = new URL(url ?? '');
  return `${host}${pathname === '/' ? '' : pathname}`;
}
