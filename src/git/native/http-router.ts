import fs from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import type { ForwardProxies } from '../../net/forward-proxy.js';
import { portOf } from '../../net/host-policy.js';
import type { GitHttpRemote } from '../smart-http/http-client.js';
import type { RemoteRefs } from '../port.js';
import { listRemoteRefs, locate } from '../smart-http/upload-pack.js';
import { type AddressCheck, checkedAddresses } from './checked-addresses.js';
import type { GitSetting } from './git-environment.js';
import type { Route, Router } from './route.js';
import type { Scratch } from './scratch.js';

export interface HttpRouterOptions extends AddressCheck {
  idleTimeoutMs: number;
  caBundle?: string | undefined;
  proxies?: ForwardProxies;
}

/** A POST up to this size is sent with its length; beyond it in chunks, which some proxies do not take. */
const POST_BUFFER_BYTES = 16 * 1024 * 1024;

/** Makes git take the URL's host for these addresses. */
export function pin(url: URL, addresses: readonly string[]): GitSetting {
  const list = addresses.map((address) => (isIP(address) === 6 ? `[${address}]` : address)).join(',');
  return ['http.curloptResolve', `${url.hostname}:${portOf(url)}:${list}`];
}

/** Refs are listed by our own client, on pooled connections; it also finds where the remote redirects to. */
export class HttpRouter implements Router {
  constructor(
    private readonly remote: GitHttpRemote,
    private readonly options: HttpRouterOptions,
  ) {}

  listRefs(signal: AbortSignal): Promise<RemoteRefs> {
    return listRemoteRefs(this.remote, signal);
  }

  async route(scratch: Scratch, signal: AbortSignal): Promise<Route> {
    const url = await locate(this.remote, signal);
    const proxy = this.options.proxies?.for(url);
    const settings: GitSetting[] = [
      [`protocol.${url.protocol.slice(0, -1)}.allow`, 'always'],
      ['http.proxy', proxy?.href ?? ''],
      ['http.proxyAuthMethod', 'basic'],
      ['http.followRedirects', 'false'],
      // A connection that is used again and broke is tried again by curl, and a push must go out once.
      ['http.extraHeader', 'Connection: close'],
      ['http.version', 'HTTP/1.1'],
      ['http.userAgent', 'git/pkgserver'],
      ['http.postBuffer', String(POST_BUFFER_BYTES)],
      ['http.lowSpeedLimit', '1'],
      ['http.lowSpeedTime', String(Math.ceil(this.options.idleTimeoutMs / 1000))],
      // A proxy resolves the name.
      ...(proxy === undefined ? await this.#pinned(url) : []),
      ...(await this.#certificates(scratch)),
    ];
    const { authorization } = this.remote;
    if (authorization !== null) settings.push([`http.${url.origin}/.extraHeader`, `Authorization: ${authorization}`]);
    return { url: url.href, host: url.host, signedIn: authorization !== null, proxy, settings };
  }

  /** git connects to the very addresses that were checked: resolved once more, the name could lead elsewhere. */
  async #pinned(url: URL): Promise<GitSetting[]> {
    const addresses = await checkedAddresses(url, this.options);
    return addresses === null ? [] : [pin(url, addresses)];
  }

  async #certificates({ folder, objects }: Scratch): Promise<GitSetting[]> {
    if (this.options.caBundle === undefined) return [];
    const path = join(folder, 'ca.pem');
    await fs.writeFile(path, this.options.caBundle);
    // A folder without certificates takes the place of the machine's.
    return [
      ['http.sslCAInfo', path],
      ['http.sslCAPath', objects],
    ];
  }
}
