import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { DomainError } from '../domain/errors.js';
import { uuidv7 } from '../domain/uuid.js';
import { withContext } from '../logging/request-context.js';
import type { Tracer } from '../tracing/tracer.js';
import { actorOf, contextOf } from './actor.js';
import type { RouteSettings } from './endpoint.js';
import { API_HEADERS, SECURITY_HEADERS } from './common-headers.js';
import { accepts } from './media-type.js';
import { pathOf } from './request-path.js';
import { beginTrace, traceOf } from './request-trace.js';

/** A request whose answer has been sent. */
export interface RequestEntry {
  requestId: string;
  /** Undefined where the request is in no trace. */
  traceId: string | undefined;
  /** Undefined where nobody signed in. */
  actor: string | undefined;
  method: string;
  /** The route's pattern, for metrics; `(none)` where no route matched. */
  route: string;
  path: string;
  status: number;
  milliseconds: number;
}

const SANE_ID = /^[A-Za-z0-9._:+/=@-]{1,128}$/;

/** The caller's `X-Request-Id` where it is fit for a log line, else a new one. */
export function requestIdOf(request: Pick<IncomingMessage, 'headers'>): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && SANE_ID.test(given) ? given : uuidv7();
}

export interface RequestObservers {
  tracer: Tracer;
  finished?: ((entry: RequestEntry) => void) | undefined;
}

export function addRequestHooks(fastify: FastifyInstance, { tracer, finished }: RequestObservers): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    reply.header('X-Request-Id', request.id);
    const isApi = request.url.startsWith('/api/');
    reply.headers(isApi ? API_HEADERS : SECURITY_HEADERS);
    const refusal = isApi && !request.is404 ? refusalOfFormat(request) : undefined;
    const trace = isApi ? beginTrace(request, reply, tracer) : undefined;
    withContext({ requestId: request.id, trace }, () => done(refusal));
  });
  // Reading the body leaves the asynchronous context; the handler is to run in it again.
  fastify.addHook('preHandler', (request, _reply, done) => {
    withContext(contextOf(request), done);
  });
  if (!finished) return;
  fastify.addHook('onResponse', (request, reply, done) => {
    finished({
      requestId: request.id,
      traceId: traceOf(request)?.traceId,
      actor: actorOf(request),
      method: request.method,
      route: request.is404 ? '(none)' : (request.routeOptions.url ?? '(none)'),
      path: pathOf(request),
      status: reply.statusCode,
      milliseconds: reply.elapsedTime,
    });
    done();
  });
}

function refusalOfFormat(request: FastifyRequest): DomainError | undefined {
  const offered = (request.routeOptions.config as RouteSettings).produces ?? ['application/json'];
  if (accepts(request.headers.accept, offered)) return undefined;
  const answers = offered.join(' or ');
  return new DomainError('notAcceptable', `This endpoint answers ${answers}; the Accept header refuses that.`);
}
