import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { OidcVerifier } from '../../src/access/oidc/oidc.verifier.js';
import { searchPath } from '../../src/config/config.js';
import { createGit } from '../../src/git/create-git.js';
import type { GitOptions } from '../../src/git/git-options.js';
import type { GitPort } from '../../src/git/port.js';
import { ForwardProxies, type ProxyVariables } from '../../src/net/forward-proxy.js';
import { GuardedHttp } from '../../src/net/guarded-http.js';
import { ForwardProxy } from '../support/forward-proxy.js';
import { GitFixture } from '../support/git-fixture.js';
import { GitServer } from '../support/git-server.js';
import { IdentityProvider } from '../support/identity-provider.js';
import { makePrivateCa } from '../support/private-ca.js';
import { WebhookReceiver } from '../support/webhook-receiver.js';

let proxy: ForwardProxy;
let dataDir: string;
const closed: (() => Promise<void>)[] = [];
beforeEach(async () => {
  proxy = await ForwardProxy.start();
  dataDir = await mkdtemp(join(tmpdir(), 'forward-proxy-'));
});
afterEach(async () => {
  for (const close of closed.splice(0).reverse()) await close();
  await proxy.stop();
  await rm(dataDir, { recursive: true, force: true });
});

/** Both variables name the proxy. */
const through = (others: ProxyVariables = {}) =>
  new ForwardProxies({ httpProxy: proxy.url, httpsProxy: proxy.url, ...others });
const withPassword = () => proxy.url.replace('//', '//me:hunter2@');

describe.each(['native', 'auto', 'javascript'] as const)('Git by the transport %s', (transport) => {
  let plain: GitServer;
  let secure: GitServer;
  let caBundle: string;
  beforeAll(async () => {
    const { ca, ...tls } = makePrivateCa();
    caBundle = ca;
    [plain, secure] = await Promise.all([GitServer.start(), GitServer.start(tls)]);
  });
  afterAll(() => Promise.all([plain.stop(), secure.stop()]));

  async function open(proxies: ForwardProxies, options: Partial<GitOptions> = {}): Promise<GitPort> {
    const given = { allowedHosts: ['127.0.0.1'], connectTimeoutMs: 3_000, idleTimeoutMs: 5_000, ...options };
    const { git } = await createGit({ transport, searchPath: searchPath(), dataDir, proxies, ...given });
    closed.push(() => git.close());
    return git;
  }
  async function made(server: GitServer) {
    const { url, path } = await server.createRepository(randomUUID());
    const remote = GitFixture.create(path);
    return { url, remote, head: await remote.revParse('main') };
  }

  it('lists, fetches and pushes over https through a tunnel, with a password that nobody is shown', async () => {
    proxy.wanted = 'me:hunter2';
    const { url, head, remote } = await made(secure);
    const git = await open(through({ httpsProxy: withPassword() }));
    const credential = { token: 'a-secret-token' };
    const repository = await git.open({ key: randomUUID(), url, caBundle, credential });
    await repository.fetch([head], []);
    expect((await repository.readCommit(head)).oid).toBe(head);
    await repository.push([{ ref: 'refs/heads/x', expected: null, next: head }], []);
    expect((await repository.listRefs()).refs).toEqual(await remote.refs());
    expect(proxy.asked.length).toBeGreaterThan(0);
    for (const { method, target, headers } of proxy.asked) {
      expect({ method, target }).toEqual({ method: 'CONNECT', target: new URL(url).host });
      expect(headers.authorization).toBeUndefined();
    }
  });

  it('lists, fetches and pushes over http, at a name that the proxy alone can resolve', async () => {
    const { url, head, remote } = await made(plain);
    proxy.names.set('git.example.test', new URL(url).host);
    const git = await open(through(), { allowedHosts: [], allowHttp: true });
    const repository = await git.open({ key: randomUUID(), url: `http://git.example.test${new URL(url).pathname}` });
    await repository.fetch([head], []);
    await repository.push([{ ref: 'refs/heads/x', expected: null, next: head }], []);
    expect((await repository.listRefs()).refs).toEqual(await remote.refs());
    for (const { target } of proxy.asked) expect(target).toMatch(/^http:\/\/git\.example\.test\//);
  });

  it('judges names all the same', async () => {
    const git = await open(through(), { allowedHosts: [] });
    for (const url of ['https://10.0.0.1/x.git', 'https://localhost/x.git', 'https://[::1]/x.git']) {
      const repository = await git.open({ key: randomUUID(), url });
      await expect(repository.listRefs()).rejects.toMatchObject({ code: 'hostRefused' });
    }
    expect(proxy.asked).toEqual([]);
  });

  it('calls directly what NO_PROXY names', async () => {
    const { url, head } = await made(secure);
    const git = await open(through({ noProxy: ['127.0.0.1'] }));
    const repository = await git.open({ key: randomUUID(), url, caBundle });
    await repository.fetch([head], []);
    expect(proxy.asked).toEqual([]);
  });

  it.each([407, 403])('says that the proxy refuses with %s', async (status) => {
    proxy.refusing = status;
    const git = await open(through({ httpsProxy: withPassword(), httpProxy: withPassword() }));
    // 403 of a request in absolute form could be the host's.
    for (const server of status === 407 ? [plain, secure] : [secure]) {
      const { url, head } = await made(server);
      const repository = await git.open({ key: randomUUID(), url, caBundle });
      for (const attempt of [() => repository.listRefs(), () => repository.fetch([head], [])]) {
        const error = await attempt().catch((thrown: Error) => thrown);
        expect(error).toMatchObject({
          code: 'unreachable',
          message: expect.stringContaining(`The proxy ${proxy.host} (HTTP`),
        });
        expect((error as Error).message).toContain(`HTTP ${status}`);
        expect(JSON.stringify([error, String((error as Error).cause)])).not.toContain('hunter2');
      }
    }
  });

  it('says that the proxy is away', async () => {
    const { url } = await made(secure);
    const git = await open(new ForwardProxies({ httpsProxy: 'http://127.0.0.1:9' }));
    const repository = await git.open({ key: randomUUID(), url, caBundle });
    const words = {
      code: 'unreachable',
      message: expect.stringMatching(/^The proxy 127\.0\.0\.1:9 \(HTTPS_PROXY\) refuses/),
    };
    await expect(repository.listRefs()).rejects.toMatchObject(words);
  });

  it.skipIf(transport === 'javascript')('says that SSH does not go through it', async () => {
    const git = await open(through());
    const credential = { privateKey: 'x', knownHosts: 'x' };
    const repository = await git.open({ key: randomUUID(), url: 'ssh://git@nowhere.invalid/x.git', credential });
    const words = `SSH does not go through the proxy ${proxy.host} (HTTPS_PROXY)`;
    await expect(repository.listRefs()).rejects.toMatchObject({ message: expect.stringContaining(words) });
    expect(proxy.asked).toEqual([]);
  });
});

it('the identity provider is asked through it, and the log says when the proxy refuses', async () => {
  const mara = { login: 'mara', email: 'mara@example.com', groups: [] };
  const provider = await IdentityProvider.start([mara]);
  closed.push(() => provider.stop());
  const { access_token: token } = await provider.signIn('mara');
  const settings = {
    ...{ issuer: provider.issuer, audience: [IdentityProvider.api], algorithms: ['RS256'] },
    ...{ userClaim: 'sub', emailClaim: 'email', nameClaim: 'name', groupsClaim: 'groups' },
  };
  const pacing = { timeoutMs: 2_000, maxAgeMs: 600_000, cooldownMs: 0 };
  proxy.refusing = 407;
  const verifier = new OidcVerifier({ ...settings, proxies: through({ httpProxy: withPassword() }) }, pacing);
  const error = await verifier.verify(token).catch((thrown: Error) => thrown);
  expect(error).toMatchObject({
    code: 'unavailable',
    cause: { message: expect.stringContaining(`The proxy ${proxy.host}`) },
  });
  expect(String((error as Error).cause)).not.toContain('hunter2');
  proxy.refusing = null;
  expect(await verifier.verify(token)).toMatchObject({ user: 'mara' });
  expect(proxy.asked.at(-1)?.target).toMatch(new RegExp(`^${provider.issuer}/`));
});

it('webhooks go through it', async () => {
  const receiver = await WebhookReceiver.start();
  closed.push(() => receiver.stop());
  proxy.names.set('hooks.example.test', new URL(receiver.url).host);
  const proxies = through();
  const http = new GuardedHttp({ allowHttp: true, timeoutMs: 2_000, proxies });
  closed.push(() => http.close());
  const post = (url: string) => http.post(new URL(url), { 'webhook-id': 'x' }, '{}', new AbortController().signal);
  expect(await post('http://hooks.example.test/hook')).toMatchObject({ status: 204 });
  expect(proxy.asked).toMatchObject([{ method: 'POST', target: 'http://hooks.example.test/hook' }]);
  await expect(post('http://10.0.0.1/hook')).rejects.toMatchObject({ reason: 'notPublic' });
  proxy.refusing = 403;
  await expect(post('https://hooks.example.test/hook')).rejects.toThrow(
    `The proxy ${proxy.host} (HTTPS_PROXY) does not let`,
  );
  proxy.refusing = 407;
  await expect(post('http://hooks.example.test/hook')).rejects.toThrow(
    `The proxy ${proxy.host} (HTTP_PROXY) does not let`,
  );
});
