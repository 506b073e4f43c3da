import type { FastifyInstance } from 'fastify';
import type { RouteSettings } from './endpoint.js';
import { assertMediaType, JSON_MEDIA_TYPES, parseJsonBody } from './json-body.js';
import type { RouteTable } from './route-table.js';

/** The largest bodies that the server reads, in bytes. */
export interface BodyLimits {
  /** An ordinary body. */
  usual: number;
  /** A body that carries a whole package: base64 and JSON make it larger than the package is. */
  large: number;
}

const MIB = 1024 * 1024;
const DEFAULT_LIMITS: BodyLimits = { usual: MIB, large: packageBodyLimit(64 * MIB) };

/** The body limit that lets a package of `maxPackageBytes` through. */
export function packageBodyLimit(maxPackageBytes: number): number {
  return Math.ceil(maxPackageBytes * 1.4) + MIB;
}

/** Notes each route in the table, and gives it the body limit that its endpoint asks for. */
export function applyRouteSettings(fastify: FastifyInstance, routes: RouteTable, given: Partial<BodyLimits>): void {
  const limits = { ...DEFAULT_LIMITS, ...given };
  fastify.addHook('onRoute', (route) => {
    const { largeBody } = (route.config ?? {}) as RouteSettings;
    route.bodyLimit = largeBody ? limits.large : limits.usual;
    for (const method of [route.method].flat()) routes.add(method, route.url);
  });
}

/** The only parser: JSON, in UTF-8, of bounded depth. Anything else is `unsupportedMediaType`. */
export function addJsonParser(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser<Buffer>(JSON_MEDIA_TYPES, { parseAs: 'buffer' }, (request, bytes, done) => {
    try {
      assertMediaType(request.headers['content-type'] ?? '', request.method);
      done(null, parseJsonBody(bytes));
    } catch (error) {
      done(error as Error);
    }
  });
}
