import { BlockList, isIP } from 'node:net';
import { Pool, ProxyAgent, fetch } from 'undici';
import { bareHost, portOf } from './host-policy.js';

/** The variables that name forward proxies, as they are read. */
export interface ProxyVariables {
  httpsProxy?: string | undefined;
  httpProxy?: string | undefined;
  noProxy?: readonly string[] | undefined;
}

/** A forward proxy. */
export interface Proxy {
  /** For messages: `proxy.example.com:3128 (HTTPS_PROXY)`, without user and password. */
  name: string;
  /** Without user and password. */
  origin: string;
  /** What it is shown as `Proxy-Authorization`. */
  authorization: string | undefined;
  /** As git takes it, user and password included. */
  href: string;
}

/** Which calls go through a forward proxy. */
export class ForwardProxies {
  static readonly NONE = new ForwardProxies({});
  readonly #byProtocol: ReadonlyMap<string, Proxy>;
  readonly #direct: (url: URL) => boolean;

  constructor({ httpsProxy, httpProxy, noProxy = [] }: ProxyVariables) {
    const given = [
      ['https:', httpsProxy, 'HTTPS_PROXY'],
      ['http:', httpProxy, 'HTTP_PROXY'],
    ] as const;
    this.#byProtocol = new Map(
      given.flatMap(([protocol, url, variable]) => (url === undefined ? [] : [[protocol, proxyAt(url, variable)]])),
    );
    const rules = noProxy.map(ruleOf);
    this.#direct = (url) => rules.some((matches) => matches(url));
  }

  /** The variables that are set, for messages. */
  get names(): string[] {
    return [...this.#byProtocol.values()].map(({ name }) => name);
  }

  /** Undefined: the URL's host is called directly. */
  for(url: URL): Proxy | undefined {
    const proxy = this.#byProtocol.get(url.protocol);
    return proxy === undefined || this.#direct(url) ? undefined : proxy;
  }
}

function proxyAt(url: string, variable: string): Proxy {
  const { username, password, host, origin, protocol, href } = new URL(url);
  const plain = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const authorization = username === '' ? undefined : `Basic ${Buffer.from(plain).toString('base64')}`;
  // A port of its scheme is left out of `host`.
  const place = host.includes(':') && !host.endsWith(']') ? host : `${host}:${protocol === 'https:' ? 443 : 80}`;
  return { name: `${place} (${variable})`, origin, authorization, href: href.replace(/\/$/, '') };
}

/** One item of NO_PROXY: `*`, `host`, `.domain`, `*.domain`, `host:port`, an address or a CIDR range. */
function ruleOf(item: string): (url: URL) => boolean {
  if (item === '*') return () => true;
  const [, network = '', bits] = /^([\d.]+|[\da-f:]+)\/(\d{1,3})$/i.exec(item) ?? [];
  if (isIP(network) !== 0) return inRange(network, Number(bits));
  const [, bracketed, port] = /^(.*?)(?::(\d+))?$/.exec(isIP(item) === 6 ? `[${item}]` : item.toLowerCase()) ?? [];
  const host = (bracketed ?? '').replace(/^\[|\]$/g, '').replace(/^\*?\./, '');
  return (url) => {
    const called = bareHost(url).replace(/\.$/, '');
    return (called === host || called.endsWith(`.${host}`)) && (port === undefined || port === portOf(url));
  };
}

function inRange(network: string, bits: number): (url: URL) => boolean {
  const list = new BlockList();
  list.addSubnet(network, bits, isIP(network) === 6 ? 'ipv6' : 'ipv4');
  return (url) => {
    const family = isIP(bareHost(url));
    return family !== 0 && list.check(bareHost(url), family === 6 ? 'ipv6' : 'ipv4');
  };
}

export interface ProxiedTimes {
  connectMs: number;
  /** The longest silence. */
  idleMs: number;
}

/** Calls hosts through the proxy: those of https through a tunnel. `ca` are the certificates that hosts are to show. */
export function proxyAgent({ origin, authorization }: Proxy, times: ProxiedTimes, ca?: string): ProxyAgent {
  const waits = { headersTimeout: times.idleMs, bodyTimeout: times.idleMs };
  return new ProxyAgent({
    ...{ uri: origin, ...waits, allowH2: false, proxyTunnel: false },
    ...(authorization !== undefined && { token: authorization }),
    proxyTls: { timeout: times.connectMs },
    requestTls: { timeout: times.connectMs, ...(ca !== undefined && { ca }) },
    // It asks for the tunnel: a proxy that says nothing is not waited for for ever.
    clientFactory: (at, options) => new Pool(at, { ...options, ...waits }),
  });
}

/** What went wrong, by the code of the error: what is called "refuses the connection". */
export const CONNECT_FAILED: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refuses the connection',
  ENOTFOUND: 'cannot be found: its name is not resolved',
  EAI_AGAIN: 'cannot be found: its name is not resolved',
  ETIMEDOUT: 'takes no connection in time',
  UND_ERR_CONNECT_TIMEOUT: 'takes no connection in time',
  EHOSTUNREACH: 'cannot be reached',
  ENETUNREACH: 'cannot be reached',
};

/** Says what a proxy has answered in place of the host. */
export const proxyRefusal = ({ name }: Proxy, host: string, status: number): string =>
  `The proxy ${name} does not let through to ${host} (HTTP ${status})${
    status === 407 ? ': it asks for a user and a password, or other ones than its URL has.' : '.'
  }`;

/** What is wrong with the proxy, as a sentence for users; undefined where that is not what failed. All connections are to it. */
export function proxyFault(error: unknown, proxy: Proxy, host: string): string | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const [, status] = /^Proxy (?:response|Authentication Required) \((\d+)\)/.exec(cause.message) ?? [];
    if (status !== undefined) return proxyRefusal(proxy, host, Number(status));
    const failed = CONNECT_FAILED[(cause as NodeJS.ErrnoException).code ?? ''];
    if (failed !== undefined) return `The proxy ${proxy.name} ${failed}; ${host} is called through it.`;
  }
  return undefined;
}

/** What {@link proxiedFetch} needs of an answer. */
export type Fetched = Pick<Response, 'status' | 'body'> & { headers: Pick<Headers, 'get'> };
export type Fetch = (url: URL, init: RequestInit) => Promise<Fetched>;

/** `fetch` for places that the operator names, through the proxy where one is to be used. */
export function proxiedFetch(proxies: ForwardProxies, times: ProxiedTimes): Fetch {
  const agents = new Map<Proxy, ProxyAgent>();
  return async (url, init) => {
    const proxy = proxies.for(url);
    if (proxy === undefined) return globalThis.fetch(url, init);
    const dispatcher = agents.get(proxy) ?? proxyAgent(proxy, times);
    agents.set(proxy, dispatcher);
    try {
      // The one of this package: that of Node may be of another version, whose agents are others.
      return await fetch(url, { ...(init as object), dispatcher });
    } catch (error) {
      const fault = proxyFault(error, proxy, url.host);
      throw fault === undefined ? error : new Error(fault, { cause: error });
    }
  };
}
