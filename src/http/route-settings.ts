import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { DomainError } from '../domain/errors.js';
import { answerClientError } from './early-errors.js';
import type { RouteSettings } from './endpoint.js';
import { assertMediaType, JSON_MEDIA_TYPES, parseJsonBody } from './json-body.js';
import type { RouteTable } from './route-table.js';

/** The largest bodies that the server reads, in bytes; and how long it waits for one. */
export interface BodyLimits {
  /** An ordinary body. */
  usual: number;
  /** A body that carries a whole package: base64 and JSON make it larger than the package is. */
  large: number;
  /** Milliseconds in which a body has to be there that is signed: until then anybody may have sent it. */
  signedWithinMs: number;
}

const MIB = 1024 * 1024;
const DEFAULT_LIMITS: BodyLimits = { usual: MIB, large: packageBodyLimit(64 * MIB), signedWithinMs: 10_000 };

/** The body limit that lets a package of `maxPackageBytes` through. */
export function packageBodyLimit(maxPackageBytes: number): number {
  return Math.ceil(maxPackageBytes * 1.4) + MIB;
}

/** Notes each route in the table, and gives it the limits that its endpoint asks for. */
export function applyRouteSettings(fastify: FastifyInstance, routes: RouteTable, given: Partial<BodyLimits>): void {
  const limits = { ...DEFAULT_LIMITS, ...given };
  fastify.addHook('onRoute', (route) => {
    const { largeBody } = (route.config ?? {}) as RouteSettings;
    route.bodyLimit = largeBody ? limits.large : limits.usual;
    for (const method of [route.method].flat()) routes.add(method, route.url);
  });
  fastify.addHook('onRequest', (request, reply, done) => {
    if (isSigned(request)) endLate(request, reply, limits.signedWithinMs);
    done();
  });
}

/** Answers 408 where the body is not there by then, and ends the connection. */
function endLate({ raw }: FastifyRequest, reply: FastifyReply, milliseconds: number): void {
  const late = Object.assign(new Error('The body is late'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });
  const timer = setTimeout(() => answerClientError(late, raw.socket), milliseconds);
  const stop = () => clearTimeout(timer);
  // A body that is refused for its size or type is not read to its end.
  raw.once('end', stop);
  reply.raw.once('finish', stop).once('close', stop);
}

/**
 * The parsers: JSON, in UTF-8, of bounded depth. Anything else is `unsupportedMediaType`. What is signed is handed on as the
 * bytes that were signed; some senders have a form of it.
 */
export function addParsers(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  const parse = (request: FastifyRequest, bytes: Buffer, done: (error: Error | null, body?: unknown) => void) => {
    if (isSigned(request)) return done(null, bytes);
    try {
      assertMediaType(request.headers['content-type'] ?? '', request.method);
      return done(null, parseJsonBody(bytes));
    } catch (error) {
      return done(error as Error);
    }
  };
  fastify.addContentTypeParser<Buffer>(JSON_MEDIA_TYPES, { parseAs: 'buffer' }, parse);
  fastify.addContentTypeParser<Buffer>(FORM, { parseAs: 'buffer' }, (request, bytes, done) => {
    if (isSigned(request)) done(null, bytes);
    else done(new DomainError('unsupportedMediaType', 'Send the body as application/json.'));
  });
}

const FORM = 'application/x-www-form-urlencoded';

const isSigned = ({ routeOptions: { config } }: FastifyRequest): boolean =>
  ((config ?? {}) as RouteSettings).permission === 'signature';
