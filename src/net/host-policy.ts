import { type LookupAddress, type LookupOptions, lookup } from 'node:dns';
import { BlockList, type LookupFunction, isIP } from 'node:net';
import { isLocalName } from '../domain/git-url.js';

export interface HostPolicyOptions {
  /** Hosts that may be anywhere and may be reached over `http:`. Each is `host`, `host:port` or `*`. */
  allowedHosts?: readonly string[];
  /** Whether `http:` is fine for every host. */
  allowHttp?: boolean;
}

/**
 * Why a host may not be talked to: the URL makes no sense, the host is not on the public internet, or its connection
 * would not be encrypted. The message is a sentence for users.
 */
export class HostRefusedError extends Error {
  override readonly name = 'HostRefusedError';

  constructor(
    readonly reason: 'badUrl' | 'notPublic' | 'notEncrypted',
    message: string,
  ) {
    super(message);
  }
}

/** Two lists, because one that holds `::ffff:0:0/96` matches every IPv4 address as well. */
const REFUSED_IPV4 = blockList('ipv4', [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '224.0.0.0/4',
  '240.0.0.0/4',
]);
/** The mapped, NAT64, Teredo and 6to4 ranges each hide an IPv4 address that the other list would have to judge. */
const REFUSED_IPV6 = blockList('ipv6', [
  '::/96',
  '::ffff:0:0/96',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/32',
  '2002::/16',
  'fc00::/7',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
]);

const DEFAULT_PORTS: Record<string, string> = { 'https:': '443', 'http:': '80', 'ssh:': '22' };

/** Whether an address is private, loopback, link-local or otherwise not a host of the public internet. */
export function isRefusedAddress(address: string): boolean {
  const plain = address.replace(/%.*$/, '');
  const family = isIP(plain);
  if (family === 0) return true;
  return family === 4 ? REFUSED_IPV4.check(plain, 'ipv4') : REFUSED_IPV6.check(plain, 'ipv6');
}

/** Decides which hosts may be talked to. Keeps a user's URL from reaching the network that pkgserver runs in. */
export class HostPolicy {
  readonly #allowed: ReadonlySet<string>;
  readonly #allowHttp: boolean;

  constructor(options: HostPolicyOptions) {
    this.#allowed = new Set((options.allowedHosts ?? []).map((host) => host.trim().toLowerCase()));
    this.#allowHttp = options.allowHttp ?? false;
  }

  /** Whether the allow list names the URL's host. */
  trusts(url: URL): boolean {
    const bare = bareHost(url);
    const port = portOf(url);
    return ['*', bare, url.hostname, `${url.hostname}:${port}`].some((name) => this.#allowed.has(name));
  }

  /** Throws HostRefusedError when the URL alone is reason enough; {@link guardedLookup} judges what names resolve to. */
  check(url: URL): void {
    const isSsh = url.protocol === 'ssh:';
    if (url.protocol !== 'https:' && url.protocol !== 'http:' && !isSsh) {
      throw new HostRefusedError('badUrl', 'Only https and ssh URLs are supported.');
    }
    if ((url.username !== '' && !isSsh) || url.password !== '') {
      throw new HostRefusedError('badUrl', 'The URL must not hold credentials.');
    }
    // The URL parser takes any text for the host of an ssh URL, and ssh takes a host with a leading `-` for an option.
    if (isSsh && !isPlainName(url)) {
      throw new HostRefusedError('badUrl', 'The host or the user of the URL is not valid.');
    }
    if (this.trusts(url)) return;
    const bare = bareHost(url);
    if (isLocalName(bare) || (isIP(bare) !== 0 && isRefusedAddress(bare))) throw notPublic(bare);
    if (url.protocol === 'http:' && !this.#allowHttp) {
      throw new HostRefusedError('notEncrypted', `${bare} may only be reached over https.`);
    }
  }
}

/** Without the brackets of an IPv6 address. */
export const bareHost = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '').toLowerCase();

export const portOf = (url: URL): string => url.port || DEFAULT_PORTS[url.protocol] || '';

function isPlainName(url: URL): boolean {
  const host = bareHost(url);
  return (
    (isIP(host) !== 0 || /^[a-z0-9_]([a-z0-9._-]*[a-z0-9])?$/.test(host)) && /^([\w.][\w.+@-]*)?$/.test(url.username)
  );
}

/**
 * Resolves a name as `dns.lookup` does, less the refused addresses. The socket connects to exactly what this
 * answers, so a name that resolves differently a moment later changes nothing.
 */
export const guardedLookup: LookupFunction = (hostname, options, callback) => {
  const all: LookupOptions & { all: true } = { ...options, all: true };
  lookup(hostname, all, (error: NodeJS.ErrnoException | null, found: LookupAddress[]) => {
    if (error) return callback(error, []);
    const reachable = found.filter(({ address }) => !isRefusedAddress(address));
    const first = reachable[0];
    if (first === undefined) return callback(notPublic(hostname), []);
    if (options.all) callback(null, reachable);
    else callback(null, first.address, first.family);
  });
};

/** All addresses of a name that may be talked to. Throws as {@link guardedLookup} does. */
export function guardedAddresses(hostname: string): Promise<string[]> {
  return new Promise((resolve, reject) => {
    guardedLookup(hostname, { all: true }, (error, found) => {
      if (error) reject(error);
      else resolve((found as LookupAddress[]).map(({ address }) => address));
    });
  });
}

export function notPublic(hostname: string): HostRefusedError {
  return new HostRefusedError(
    'notPublic',
    `${hostname} is not on the public internet. Name it in GIT_ALLOWED_HOSTS if it is meant.`,
  );
}

function blockList(family: 'ipv4' | 'ipv6', subnets: readonly string[]): BlockList {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [network = '', prefix] = subnet.split('/');
    list.addSubnet(network, Number(prefix), family);
  }
  return list;
}
