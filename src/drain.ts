import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Config } from './config/config.js';
import { EventStreams } from './features/events/event-streams.js';
import { OperationWaiter } from './features/operations/operation-waiter.js';
import { HealthService } from './health/health.service.js';

/** How long answers under way may take once nothing is accepted any more, in milliseconds. */
const HTTP_DRAIN_MS = 4_000;

/**
 * Is not ready from now on, and answers callers who wait for the end of an operation that it goes on; serves for `drainSeconds`
 * more, in which load balancers learn of it; then accepts nothing, and lets answers under way be finished, for a while.
 */
export async function drain(
  app: NestFastifyApplication,
  { role, drainSeconds }: Pick<Config, 'role' | 'drainSeconds'>,
): Promise<void> {
  app.get(HealthService, { strict: false }).stop();
  app.get(OperationWaiter, { strict: false }).stop();
  await sleep(drainSeconds * 1000);
  const server = app.getHttpServer();
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  // A client keeps its connection open when it has its answer, and the server would wait for it.
  const tidy = setInterval(() => server.closeIdleConnections(), 50);
  if (role !== 'worker') app.get(EventStreams, { strict: false }).endAll();
  const cut = setTimeout(() => {
    server.getConnections((_, count) => {
      new Logger('Http').warn(
        `${count} connections were cut: their answers took longer than ${HTTP_DRAIN_MS} ms to end.`,
      );
      server.closeAllConnections();
    });
  }, HTTP_DRAIN_MS);
  await closed;
  clearInterval(tidy);
  clearTimeout(cut);
}
