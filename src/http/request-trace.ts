import type { FastifyReply, FastifyRequest } from 'fastify';
import type { TraceContext } from '../logging/request-context.js';
import { readTrace } from '../tracing/traceparent.js';
import type { Tracer } from '../tracing/tracer.js';
import { pathOf } from './request-path.js';

const traces = new WeakMap<FastifyRequest, TraceContext>();

/** The span of a request, while it is answered and after. */
export const traceOf = (request: FastifyRequest): TraceContext | undefined => traces.get(request);

/** Begins the span of a request. It ends when the answer is sent, or broken off. */
export function beginTrace(request: FastifyRequest, reply: FastifyReply, tracer: Tracer): TraceContext | undefined {
  const { traceparent, tracestate } = request.headers;
  const route = request.is404 ? undefined : request.routeOptions.url;
  const span = tracer.begin(route === undefined ? request.method : `${request.method} ${route}`, {
    parent: readTrace({ traceparent, tracestate }),
    kind: 'server',
    attributes: {
      'http.request.method': request.method,
      'http.route': route,
      'url.path': pathOf(request),
      'pkgserver.request.id': request.id,
    },
  });
  if (span.context) traces.set(request, span.context);
  reply.raw.once('close', () => {
    const { statusCode, headersSent } = reply.raw;
    if (!headersSent) span.end({ error: 'The client left before it was answered.' });
    else {
      const error = statusCode >= 500 ? `It was answered with ${statusCode}.` : undefined;
      span.end({ attributes: { 'http.response.status_code': statusCode }, error });
    }
  });
  return span.context;
}
