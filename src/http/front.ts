import { BlockList, isIP } from 'node:net';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** Where a client sees the service: behind a proxy this is not where it listens. Both are empty where nobody has said it. */
export interface Front {
  /** `https://pkgserver.example.com`. */
  readonly origin: string;
  /** `/pkg`: in front of every path. */
  readonly path: string;
}

export const NO_FRONT: Front = { origin: '', path: '' };

/** The front that PUBLIC_URL names, which has no slash at its end. */
export function frontAt(publicUrl: string | undefined): Front {
  if (publicUrl === undefined) return NO_FRONT;
  const { origin } = new URL(publicUrl);
  return { origin, path: publicUrl.slice(origin.length) };
}

/** A path of the service as a link for whoever reads an answer: with the origin, where that is known. */
export const linkTo = ({ origin, path }: Front, target: string): string => `${origin}${path}${target}`;

const fronts = new WeakMap<FastifyRequest, Front>();

export const frontOf = (request: FastifyRequest): Front => fronts.get(request) ?? NO_FRONT;

/** The front of the request, for handlers whose answers hold links. */
export const SeenAt = createParamDecorator((_: unknown, context: ExecutionContext) =>
  frontOf(context.switchToHttp().getRequest<FastifyRequest>()),
);

/** Tells whether an address is one of the proxies that are trusted. */
export type Trusts = (address: string) => boolean;

/** Notes where the client of each request sees the service, and has `Location` lead there. */
export function addFront(fastify: FastifyInstance, publicUrl: string | undefined, trusts: Trusts): void {
  const configured = frontAt(publicUrl);
  fastify.addHook('onRequest', (request, _reply, done) => {
    const front = publicUrl === undefined ? forwarded(request, trusts) : configured;
    if (front !== NO_FRONT) fronts.set(request, front);
    done();
  });
  fastify.addHook('onSend', (request, reply, _payload, done) => {
    const { path } = frontOf(request);
    const location = reply.getHeader('location');
    if (path !== '' && typeof location === 'string' && location.startsWith('/'))
      reply.header('location', path + location);
    done();
  });
}

/** Nothing but names: neither `//` nor a scheme leads to another host, and `..` out of the prefix. */
const PREFIX = /^(?:\/(?!\.{1,2}(?:\/|$))[\w.~-]+)+$/;
const LONGEST_PREFIX = 200;
const HOST = /^(?:[a-z0-9_](?:[a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i;

/** What a trusted proxy says that it has taken off the path. */
function forwarded({ headers, raw }: FastifyRequest, trusts: Trusts): Front {
  const prefix = lastOf(headers['x-forwarded-prefix']).replace(/\/$/, '');
  if (prefix === '' || prefix.length > LONGEST_PREFIX || !PREFIX.test(prefix)) return NO_FRONT;
  if (!trusts(raw.socket.remoteAddress ?? '')) return NO_FRONT;
  const [scheme, host] = [lastOf(headers['x-forwarded-proto']), lastOf(headers['x-forwarded-host'])];
  const isOrigin = /^https?$/.test(scheme) && HOST.test(host);
  return { origin: isOrigin ? `${scheme}://${host}` : '', path: prefix };
}

/** The nearest proxy's: those before it may be anybody's. */
const lastOf = (header: string | string[] | undefined): string =>
  [header].flat().join().split(',').at(-1)?.trim() ?? '';

const NAMED_RANGES: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.1/8', '::1/128'],
  linklocal: ['169.254.0.0/16', 'fe80::/10'],
  uniquelocal: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
};

/** Of TRUSTED_PROXIES: addresses, CIDR ranges, and names of ranges. */
export function trustedProxies(ranges: readonly string[]): Trusts {
  const list = new BlockList();
  for (const range of ranges.flatMap((name) => NAMED_RANGES[name] ?? [name])) {
    const [network = '', bits] = range.split('/');
    const family = isIP(network) === 6 ? 'ipv6' : 'ipv4';
    list.addSubnet(network, bits === undefined ? (family === 'ipv6' ? 128 : 32) : Number(bits), family);
  }
  return (address) => {
    // As sockets that listen on both write an address of IPv4.
    const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
    const family = isIP(plain);
    return family !== 0 && list.check(plain, family === 6 ? 'ipv6' : 'ipv4');
  };
}
