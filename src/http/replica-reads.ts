import { pipeline, type Readable, Transform } from 'node:stream';
import { callbackify } from 'node:util';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Database } from '../database/database.js';
import { actorOf } from './actor.js';
import type { RouteSettings } from './endpoint.js';

type Replicas = Database['replicas'];

/** Who may do what, what is told as it happens, and what is little: of these the primary answers. */
const COLLECTIONS_OF_PRIMARY = new Set([
  ...['me', 'api-tokens', 'role-bindings', 'credentials', 'webhooks', 'receivers', 'audit-entries', 'events'],
]);
/** One waits for the end of work, and one is read while it is sent. */
const ENDPOINTS_OF_PRIMARY = new Set(['getOperation', 'getPackageRevisionArchive']);

/** Whether a request that only reads may be answered by a replica. `Cache-Control: no-cache` asks for what is true now. */
export function mayReadFromReplica(request: FastifyRequest): boolean {
  const { routeOptions, headers } = request;
  const { operationId = '' } = (routeOptions.config ?? {}) as RouteSettings;
  const collection = routeOptions.url?.split('/')[3];
  if (collection === undefined || COLLECTIONS_OF_PRIMARY.has(collection)) return false;
  if (actorOf(request) === undefined || ENDPOINTS_OF_PRIMARY.has(operationId)) return false;
  return !/\bno-cache\b/i.test(headers['cache-control'] ?? '');
}

const answeredByReplica = new WeakSet<FastifyRequest>();

export const noteReplicaAnswer = (request: FastifyRequest): void => void answeredByReplica.add(request);

/** Notes what callers have seen of the primary before they see it: their answers, and each part of a stream. */
export function addSeenHook(fastify: FastifyInstance, replicas: Replicas): void {
  if (!replicas.areUsed) return;
  fastify.addHook('onSend', async (request, reply, payload) => {
    const user = actorOf(request);
    if (user === undefined || !request.url.startsWith('/api/') || answeredByReplica.has(request)) return payload;
    // These tell nothing of what is stored.
    if (reply.statusCode === 429 || reply.statusCode >= 500) return payload;
    await replicas.noteSeen(user);
    return reply.getHeader('content-type') === EVENT_STREAM ? noted(payload as Readable, user, replicas) : payload;
  });
}

const EVENT_STREAM = 'text/event-stream';

function noted(stream: Readable, user: string, replicas: Replicas): Readable {
  const note = callbackify(async (part: unknown) => {
    await replicas.noteSeen(user);
    return part;
  });
  const noting = new Transform({ transform: (part, _encoding, done) => note(part, done) });
  // Either may end first; whoever reads the stream is told.
  pipeline(stream, noting, () => undefined);
  return noting;
}
