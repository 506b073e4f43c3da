import { addresses, list, origins, proxy, publicUrl } from './reader.js';
import { api, everywhere } from './variable.js';

/** The variables of reverse proxies, through which clients call the service, and of forward proxies, through which it calls others. */
export const network = {
  PUBLIC_URL: everywhere(
    publicUrl,
    'Where clients see the service, behind a reverse proxy that takes the path off: links lead there. Unset: its own address, or what a ' +
      'trusted proxy says in `X-Forwarded-Prefix`. See [operating.md](operating.md#behind-a-reverse-proxy).',
  ),
  TRUSTED_PROXIES: everywhere(
    addresses,
    'Reverse proxies whose `X-Forwarded-*` is believed: `-For` for rate limits and the audit log, `-Prefix` (with `-Proto` and `-Host`) for links.',
  ),
  CORS_ORIGINS: api(origins, 'Web pages that may call the API from a browser.'),
  HTTPS_PROXY: everywhere(
    proxy,
    'The forward proxy to `https://` hosts: of Git, webhooks and the identity provider. SSH does not go through it. See ' +
      '[operating.md](operating.md#behind-a-forward-proxy). Also as `https_proxy`, which wins.',
  ),
  HTTP_PROXY: everywhere(proxy, 'The same to `http://` hosts. Also as `http_proxy`, which wins.'),
  NO_PROXY: everywhere(
    list('`host`, `.domain`, `host:port`, addresses, CIDR ranges, or `*`'),
    'What is called directly all the same; a host stands for those below it as well. Also as `no_proxy`, which wins.',
  ),
};

/** Those that other programs take in lower case as well. */
export const EITHER_CASE = ['HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY'] as const;
