import { describe, expect, it } from 'vitest';
import { ForwardProxies, proxyFault } from './forward-proxy.js';

const proxies = (noProxy: string[] = []) =>
  new ForwardProxies({ httpsProxy: 'http://me:hunter2@proxy.example.com:3128', httpProxy: 'http://plain', noProxy });
const isDirect = (noProxy: string[], url: string) => proxies(noProxy).for(new URL(url)) === undefined;

describe('ForwardProxies', () => {
  it('names the proxy of each scheme without its password', () => {
    expect(proxies().for(new URL('https://x'))?.name).toBe('proxy.example.com:3128 (HTTPS_PROXY)');
    expect(proxies().for(new URL('http://x'))?.name).toBe('plain:80 (HTTP_PROXY)');
    expect(proxies().names.join()).not.toContain('hunter2');
    expect(proxies().for(new URL('ssh://git@x/y'))).toBeUndefined();
    expect(new ForwardProxies({}).for(new URL('https://x'))).toBeUndefined();
  });

  it.each([
    ['*', 'https://git.example.com', true],
    ['git.example.com', 'https://git.example.com', true],
    ['Git.Example.com', 'https://GIT.example.com./x', true],
    ['example.com', 'https://git.example.com', true],
    ['.example.com', 'https://git.example.com', true],
    ['*.example.com', 'https://git.example.com', true],
    ['example.com', 'https://notexample.com', false],
    ['git.example.com', 'https://example.com', false],
    ['git.example.com:8443', 'https://git.example.com:8443', true],
    ['git.example.com:8443', 'https://git.example.com', false],
    ['git.example.com:443', 'https://git.example.com', true],
    ['10.0.0.0/8', 'https://10.1.2.3', true],
    ['10.0.0.0/8', 'https://11.1.2.3', false],
    ['10.0.0.0/8', 'https://git.example.com', false],
    ['127.0.0.1', 'http://127.0.0.1:3000', true],
    ['127.0.0.1:3000', 'http://127.0.0.1:3000', true],
    ['::1', 'https://[::1]', true],
    ['[::1]:3000', 'https://[::1]:3000', true],
    ['[::1]:3000', 'https://[::1]', false],
    ['fd00::/8', 'https://[fd12::1]', true],
  ])('NO_PROXY=%s calls %s directly: %s', (item, url, expected) => {
    expect(isDirect(['other.example.org', item], url)).toBe(expected);
  });
});

describe('proxyFault', () => {
  const proxy = proxies().for(new URL('https://x'))!;
  const faultOf = (error: Error) => proxyFault(error, proxy, 'git.example.com');

  it.each([
    [new Error('Proxy response (407) !== 200 when HTTP Tunneling'), /HTTP 407\): it asks for a user and a password/],
    [
      new Error('Proxy response (403) !== 200 when HTTP Tunneling'),
      /does not let through to git\.example\.com \(HTTP 403\)\./,
    ],
    [Object.assign(new Error('x'), { code: 'ECONNREFUSED' }), /refuses the connection/],
    [new Error('fetch failed', { cause: Object.assign(new Error('x'), { code: 'ENOTFOUND' }) }), /cannot be found/],
    [Object.assign(new Error('x'), { code: 'UND_ERR_CONNECT_TIMEOUT' }), /takes no connection in time/],
  ])('names the proxy for %s', (error, words) => {
    expect(faultOf(error)).toMatch(words);
    expect(faultOf(error)).toContain('The proxy proxy.example.com:3128 (HTTPS_PROXY)');
  });

  it('is none where the host is at fault', () => {
    expect(faultOf(Object.assign(new Error('x'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }))).toBeUndefined();
    expect(faultOf(Object.assign(new Error('x'), { code: 'UND_ERR_HEADERS_TIMEOUT' }))).toBeUndefined();
  });
});
