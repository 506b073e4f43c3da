import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Config } from './config/config.js';
import { EventStreams } from './features/events/event-streams.js';
import { OperationWaiter } from './features/operations/operation-waiter.js';

/** How long answers under way may take once the service was told to stop, in milliseconds. */
const HTTP_DRAIN_MS = 4_000;
/** How long clients may go on waiting for the end of an operation then; after that they are answered that it goes on. */
const WAIT_DRAIN_MS = 1_500;

/** Stops accepting, and lets answers under way be finished, for a while. */
export async function drain(app: NestFastifyApplication, role: Config['role']): Promise<void> {
  const server = app.getHttpServer();
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  // A client keeps its connection open when it has its answer, and the server would wait for it.
  const tidy = setInterval(() => server.closeIdleConnections(), 50);
  if (role !== 'worker') app.get(EventStreams, { strict: false }).endAll();
  const waiter = app.get(OperationWaiter, { strict: false });
  const answer = setTimeout(() => waiter.stop(), WAIT_DRAIN_MS);
  const cut = setTimeout(() => server.closeAllConnections(), HTTP_DRAIN_MS);
  await closed;
  clearInterval(tidy);
  clearTimeout(answer);
  clearTimeout(cut);
}
