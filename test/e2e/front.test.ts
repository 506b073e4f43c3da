import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startTestApi, type TestApi } from '../support/api.js';
import { Browser, hasChromium } from '../support/browser.js';
import { GitServer } from '../support/git-server.js';
import { HttpClient } from '../support/http-client.js';
import { type Pkgserver, startPkgserver } from '../support/pkgserver.js';
import { ReverseProxy } from '../support/reverse-proxy.js';
import { signIn } from '../support/sign-in.js';
import { WebhookReceiver } from '../support/webhook-receiver.js';

const SIZE = { width: 1280, height: 800 };

let server: GitServer;
const closed: (() => Promise<void>)[] = [];
beforeAll(async () => {
  server = await GitServer.start();
});
afterEach(async () => {
  for (const close of closed.splice(0).reverse()) await close();
});
afterAll(() => server?.stop());

async function front(headers: Record<string, string> = {}): Promise<ReverseProxy> {
  const proxy = await ReverseProxy.start('/pkg', headers);
  closed.push(() => proxy.stop());
  return proxy;
}

/** The service behind a proxy that serves it under `/pkg`. */
async function behind(
  proxy: ReverseProxy,
  settings: Record<string, string>,
): Promise<{ pkgserver: Pkgserver; token: string; client: HttpClient }> {
  const pkgserver = await startPkgserver({ AUTH: 'required', ...settings });
  closed.push(() => pkgserver.stop());
  proxy.pointTo(pkgserver.url);
  const token = await signIn(pkgserver.database, 'root', { role: 'admin' });
  return { pkgserver, token, client: new HttpClient(proxy.url, { Authorization: `Bearer ${token}` }) };
}

describe.each(['PUBLIC_URL', 'X-Forwarded-Prefix of a trusted proxy'])('by %s', (way) => {
  const isUrl = way === 'PUBLIC_URL';

  it('every link leads through the front', async () => {
    const proxy = await front(isUrl ? {} : { 'X-Forwarded-Prefix': '/pkg' });
    const settings: Record<string, string> = isUrl ? { PUBLIC_URL: `${proxy.url}/` } : { TRUSTED_PROXIES: 'loopback' };
    const { client, token } = await behind(proxy, settings);
    const base = isUrl ? proxy.url : '/pkg';
    const get = (location: string | null) =>
      fetch(new URL(location ?? '', proxy.origin), { headers: { Authorization: `Bearer ${token}` } });

    const called = await WebhookReceiver.start();
    closed.push(() => called.stop());
    await client.expect(201, 'POST', '/webhooks', { name: 'x', url: called.url });

    const { url } = await server.createRepository(`front-${base.length}`);
    const registration = { name: 'blueprints', git: { url } };
    const created = await client.expect(201, 'POST', '/repositories', registration);
    const location = created.headers.get('location');
    expect(location).toMatch(/^\/pkg\/api\/v1\/repositories\/[^/]+$/);
    expect(await (await get(location)).json()).toMatchObject({ name: 'blueprints' });

    const synced = await client.expect(202, 'POST', `/repositories/${String(created.body.id)}/sync`, {});
    expect((await get(synced.headers.get('location'))).status).toBe(200);

    const receiver = { name: 'r', type: 'github', repositoryIds: [created.body.id] };
    const { id: receiverId, url: hook } = (await client.expect(201, 'POST', '/receivers', receiver)).body;
    expect(hook).toBe(`${base}/api/v1/receivers/${String(receiverId)}/hook`);

    const missing = await client.call('GET', '/repositories/0199a0de-0000-7000-8000-000000000000');
    expect(missing).toMatchObject({ status: 404 });
    expect(missing.body.instance).toBe('/pkg/api/v1/repositories/0199a0de-0000-7000-8000-000000000000');

    for (const format of ['json', 'yaml']) {
      const text = await (await fetch(`${proxy.url}/openapi.${format}`)).text();
      expect(text.replaceAll(/["\s]/g, '')).toContain(`url:${base}`);
      expect(text).not.toMatch(/\]\(\/(fleet|docs)/);
    }
    const root = await fetch(`${proxy.url}/`, { redirect: 'manual' });
    expect(root.headers.get('location')).toBe('/pkg/docs');

    const events = async () => (await client.expect(200, 'GET', '/events')).body.items as Record<string, string>[];
    await expect.poll(async () => (await events()).length).toBeGreaterThan(0);
    for (const { source, subject, type } of await events()) {
      expect(source).toBe(`${base}/api/v1`);
      if (type === 'dev.pkgserver.repository.registered') expect((await get(`${source}/${subject}`)).status).toBe(200);
    }
    const stream = await fetch(`${proxy.url}/api/v1/events?after=0`, {
      headers: { Authorization: `Bearer ${token}`, Accept: 'text/event-stream' },
    });
    const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader();
    let told = '';
    while (!told.includes('data: ')) told += (await reader.read()).value ?? '';
    await reader.cancel();
    expect(told).toContain(`"source":"${base}/api/v1"`);
    // What a worker sends has come through no proxy: it knows what it was told at its start.
    await expect.poll(() => called.calls.length).toBeGreaterThan(0);
    expect(called.calls[0]?.event).toMatchObject({ source: isUrl ? `${base}/api/v1` : '/api/v1' });
  });

  it.skipIf(!hasChromium)('Swagger UI and the fleet work in a browser', async () => {
    const proxy = await front(isUrl ? {} : { 'X-Forwarded-Prefix': '/pkg' });
    const settings: Record<string, string> = isUrl ? { PUBLIC_URL: proxy.url } : { TRUSTED_PROXIES: '127.0.0.1' };
    const { token } = await behind(proxy, settings);
    const page = await Browser.open(`${proxy.url}/docs`, SIZE);
    closed.push(() => page.close());
    const text = (selector: string) =>
      page.evaluate<string>(`document.querySelector(${JSON.stringify(selector)})?.innerText ?? ''`);
    await expect.poll(() => text('.opblock-tag')).not.toBe('');
    // Where its requests go.
    const click = (selector: string) => page.evaluate(`void document.querySelector('${selector}')?.click()`);
    await page.evaluate(`void window.scrollTo(0, document.body.scrollHeight)`);
    await expect
      .poll(async () => {
        await page.evaluate(`window.scrollBy(0, -150)`);
        return text('#operations-health-getLiveness');
      })
      .not.toBe('');
    await click('#operations-health-getLiveness .opblock-summary-control');
    await expect.poll(() => text('#operations-health-getLiveness .try-out__btn')).not.toBe('');
    await click('#operations-health-getLiveness .try-out__btn');
    await expect.poll(() => text('#operations-health-getLiveness .execute')).not.toBe('');
    await click('#operations-health-getLiveness .execute');
    await expect.poll(() => text('#operations-health-getLiveness .request-url pre')).toBe(`${proxy.url}/health/live`);
    await expect
      .poll(() => text('#operations-health-getLiveness .live-responses-table tr.response .response-col_status'))
      .toBe('200');
    expect(
      await page.evaluate(
        `[...document.querySelectorAll('.info a')].map(({ href }) => href).filter((href) => /fleet|events/.test(href))`,
      ),
    ).toEqual([`${proxy.url}/fleet`, `${proxy.url}/docs/events`]);
    expect(page.complaints).toEqual([]);

    await page.evaluate(`void (location.href = '${proxy.url}/fleet')`);
    await expect.poll(() => text('#status')).toContain('Sign in');
    await page.evaluate(`{
      const form = document.querySelector('#sign-in');
      form.elements.token.value = ${JSON.stringify(token)};
      form.requestSubmit();
    }`);
    await expect.poll(() => text('#status')).not.toContain('Sign in');
    await expect.poll(() => text('h1')).not.toBe('');
    const leading = await page.evaluate<string[]>(`[...document.querySelectorAll('a, link')].map(({ href }) => href)`);
    expect(leading.length).toBeGreaterThan(3);
    for (const href of leading) expect(href.startsWith(proxy.url)).toBe(true);
    expect(page.complaints).toEqual([]);
  });
});

describe('what is not a front', () => {
  let api: TestApi;
  let untrusting: TestApi;
  beforeAll(async () => {
    api = await startTestApi({}, { trustedProxies: ['127.0.0.1'] });
    untrusting = await startTestApi({}, { trustedProxies: ['10.0.0.0/8'] });
  });
  afterAll(async () => {
    await api.close();
    await untrusting.close();
  });
  const redirected = async (url: string, headers: Record<string, string>) =>
    (await fetch(`${url}/`, { redirect: 'manual', headers })).headers.get('location');

  it('is not believed of somebody who is no trusted proxy', async () => {
    expect(await redirected(api.url, { 'X-Forwarded-Prefix': '/pkg' })).toBe('/pkg/docs');
    expect(await redirected(untrusting.url, { 'X-Forwarded-Prefix': '/pkg' })).toBe('/docs');
  });

  it.each([
    '//evil',
    '/\\evil',
    '\\evil',
    'javascript:alert(1)',
    'https://evil',
    '/a//evil',
    '/../x',
    '/.',
    '/a b',
    '/%0d%0aX:1',
    '/x?y',
    '/<b>',
  ])('is not believed of a proxy that says %s', async (prefix) => {
    expect(await redirected(api.url, { 'X-Forwarded-Prefix': prefix })).toBe('/docs');
  });

  it('is the nearest proxy’s, where several have said one', async () => {
    expect(await redirected(api.url, { 'X-Forwarded-Prefix': '//evil, /pkg' })).toBe('/pkg/docs');
    expect(await redirected(api.url, { 'X-Forwarded-Prefix': '/pkg, //evil' })).toBe('/docs');
  });

  it('has the origin that the proxy names, where that is one', async () => {
    const servers = async (host: string, proto: string) => {
      const headers = { 'X-Forwarded-Prefix': '/pkg', 'X-Forwarded-Host': host, 'X-Forwarded-Proto': proto };
      const document = (await (await fetch(`${api.url}/openapi.json`, { headers })).json()) as {
        servers: { url: string }[];
      };
      return document.servers[0]?.url;
    };
    expect(await servers('pkg.example.com:8443', 'https')).toBe('https://pkg.example.com:8443/pkg');
    expect(await servers('evil/@x', 'https')).toBe('/pkg');
    expect(await servers('pkg.example.com', 'javascript')).toBe('/pkg');
  });
});
