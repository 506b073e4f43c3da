import type { DynamicModule, NestApplicationOptions, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Authenticator } from '../access/authenticator.js';
import { AccessGuard } from '../access/guard.js';
import { AuditLog } from '../audit/audit-log.js';
import { FailedSignIns } from '../audit/failed-sign-ins.js';
import { AuditTrail } from '../audit/audit-trail.js';
import { Config } from '../config/config.js';
import { Database } from '../database/database.js';
import { RateLimits } from '../rate-limit/rate-limits.js';
import { NoTracer, type Tracer } from '../tracing/tracer.js';
import { addAccessHook } from './access-hook.js';
import { addDocs } from './openapi/docs.js';
import { FinishedResources } from './finished-resources.js';
import { addFront, trustedProxies } from './front.js';
import { IdempotencyStore } from './idempotency.store.js';
import { ProblemFilter } from './problem.filter.js';
import { addSeenHook } from './replica-reads.js';
import { addRequestHooks, type RequestEntry, requestIdOf } from './request-hooks.js';
import { RouteTable } from './route-table.js';
import { addParsers, applyRouteSettings, type BodyLimits } from './route-settings.js';
import { EventClock } from '../events/event-clock.js';
import { Foresight } from './foresight.js';
import { UnitOfWorkInterceptor } from './unit-of-work.interceptor.js';
import { ValidationPipe } from './validation.pipe.js';
import { answerClientError, answerFrameworkError } from './early-errors.js';

export interface ApiAppOptions {
  /** The version that the OpenAPI document names. */
  version?: string;
  bodyLimits?: Partial<BodyLimits>;
  /** Whose `X-Forwarded-*` is believed: addresses and networks. */
  trustedProxies?: readonly string[];
  /** Where clients see the service; without a slash at its end. */
  publicUrl?: string | undefined;
  /** Origins whose pages may call the API; none unless named. */
  corsOrigins?: readonly string[];
  /** Shows requests of the API as spans; none unless given. */
  tracer?: Tracer;
  /** Called once for every request, when its answer has been sent: for the log line and the metrics. */
  onRequestFinished?: (entry: RequestEntry) => void;
  /** Nest's own options, e.g. a logger; `preview` builds the routes and nothing behind them. */
  nest?: NestApplicationOptions;
}

/** Pages of other origins may use these. Cookies are not among them: nobody signs in by cookie. */
const CORS = {
  methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
  allowedHeaders: [
    'Authorization',
    'Content-Type',
    'If-Match',
    'If-None-Match',
    'Idempotency-Key',
    'Prefer',
    'X-Request-Id',
    'traceparent',
    'tracestate',
  ],
  exposedHeaders: [
    'ETag',
    'Location',
    'X-Request-Id',
    'Retry-After',
    'RateLimit',
    'RateLimit-Policy',
    'Preference-Applied',
    'Idempotency-Replayed',
    'Dry-Run-Operation',
  ],
  maxAge: 600,
};

/** The HTTP application of a module: used by the server, by the OpenAPI generator and by tests. Not listening yet. */
export async function createApiApp(
  module: Type<unknown> | DynamicModule,
  options: ApiAppOptions = {},
): Promise<NestFastifyApplication> {
  const routes = new RouteTable();
  const trusts = trustedProxies(options.trustedProxies ?? []);
  const adapter = new FastifyAdapter({
    genReqId: requestIdOf,
    requestIdHeader: false,
    ...(options.trustedProxies?.length && { trustProxy: trusts }),
    clientErrorHandler: answerClientError,
    frameworkErrors: answerFrameworkError,
    routerOptions: { maxParamLength: 4096 },
  });
  const fastify = adapter.getInstance();
  applyRouteSettings(fastify, routes, options.bodyLimits ?? {});
  addParsers(fastify);
  addFront(fastify, options.publicUrl, trusts);
  addRequestHooks(fastify, { tracer: options.tracer ?? new NoTracer(), finished: options.onRequestFinished });

  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    abortOnError: false,
    ...options.nest,
    bodyParser: false,
  });
  const find = { strict: false };
  const auditLog = options.nest?.preview ? undefined : app.get(AuditLog, find);
  const failedSignIns = options.nest?.preview ? undefined : app.get(FailedSignIns, find);
  app.useGlobalFilters(new ProblemFilter(routes, auditLog, failedSignIns));
  app.useGlobalPipes(new ValidationPipe());
  if (options.corsOrigins?.length) app.enableCors({ ...CORS, origin: [...options.corsOrigins] });
  if (!options.nest?.preview) {
    addAccessHook(fastify, {
      authenticator: app.get(Authenticator, find),
      guard: app.get(AccessGuard, find),
      rateLimits: app.get(RateLimits, find),
    });
    const database = app.get(Database, find);
    addSeenHook(fastify, database.replicas);
    app.useGlobalInterceptors(
      new UnitOfWorkInterceptor(
        database,
        app.get(IdempotencyStore, find),
        app.get(FinishedResources, find),
        app.get(AuditTrail, find),
        app.get(AccessGuard, find),
        app.get(Foresight, find),
        app.get(EventClock, find),
      ),
    );
    addDocs(app, options.version ?? '0.0.0', app.get(Config, find));
  }
  return app;
}
