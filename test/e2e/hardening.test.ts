import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { uuidv7 } from '../../src/domain/uuid.js';
import { makeToken, signIn } from '../support/sign-in.js';
import { startTestApi, type TestApi } from '../support/api.js';
import { hasRedis, TestRedis } from '../support/redis.js';

const started: TestApi[] = [];
afterEach(async () => {
  for (const api of started.splice(0)) await api.close();
});

async function start(variables: Record<string, string>, options: Parameters<typeof startTestApi>[1] = {}) {
  const api = await startTestApi({ AUTH: 'required', ...variables }, options);
  started.push(api);
  return api;
}

const me = (api: TestApi, token: string, headers: Record<string, string> = {}) =>
  fetch(`${api.url}/api/v1/me`, { headers: { Authorization: `Bearer ${token}`, ...headers } });

describe('requests are limited', () => {
  it('for each identity, whatever token it shows, and the others go on', async () => {
    const api = await start({ RATE_LIMIT_IDENTITY: '5' });
    const tokens = [await signIn(api.database, 'alice'), await makeToken(api.database, { user: 'alice' })];
    const answers = [];
    for (let turn = 0; turn < 7; turn += 1) answers.push(await me(api, tokens[turn % 2] as string));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 429, 429]);
    expect(answers[0]?.headers.get('ratelimit-policy')).toBe('"identity";q=5;w=60');
    expect(answers[0]?.headers.get('ratelimit')).toMatch(/^"identity";r=4;t=\d+$/);
    const refused = answers[6] as Response;
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(60);
    expect(await refused.json()).toMatchObject({ code: 'tooManyRequests', status: 429 });
    expect((await me(api, await signIn(api.database, 'bob'))).status).toBe(200);
  });

  it('for each address, where a failed sign-in counts as many', async () => {
    const api = await start({ RATE_LIMIT_ADDRESS: '1000' }, { trustedProxies: ['127.0.0.1'] });
    const token = await signIn(api.database, 'alice');
    const wrong = `pks_${'0'.repeat(32)}_${'x'.repeat(43)}`;
    const from = (address: string) => ({ 'X-Forwarded-For': address });
    const statuses = [];
    for (let turn = 0; turn < 5; turn += 1) statuses.push((await me(api, wrong, from('192.0.2.1'))).status);
    expect(statuses).toEqual([401, 401, 401, 429, 429]);
    expect((await me(api, token, from('192.0.2.1'))).status).toBe(429);
    expect((await me(api, token, from('192.0.2.2'))).status).toBe(200);
  });

  it('and nobody chooses their address where no proxy is trusted', async () => {
    const api = await start({ RATE_LIMIT_ADDRESS: '3' });
    const token = await signIn(api.database, 'alice');
    const statuses = [];
    for (let turn = 0; turn < 4; turn += 1) {
      statuses.push((await me(api, token, { 'X-Forwarded-For': `192.0.2.${turn}` })).status);
    }
    expect(statuses).toEqual([200, 200, 200, 429]);
  });

  it('but not the probes', async () => {
    const api = await start({ RATE_LIMIT_ADDRESS: '1' });
    for (let turn = 0; turn < 3; turn += 1) expect((await fetch(`${api.url}/health/live`)).status).toBe(200);
  });

  describe.runIf(hasRedis)('on Redis', () => {
    let redis: TestRedis;
    beforeAll(async () => {
      redis = await TestRedis.start();
    });
    afterAll(() => redis.stop());

    it('by all processes together, and by each for itself while Redis is away', async () => {
      const settings = { RATE_LIMIT_IDENTITY: '4', REDIS_URL: redis.url };
      const [first, second] = [await start(settings), await start(settings)];
      const user = `alice-${uuidv7()}`;
      const tokens = [await signIn(first.database, user), await signIn(second.database, user)];
      const ask = async (turn: number) =>
        (await me(turn % 2 === 0 ? first : second, tokens[turn % 2] as string)).status;
      await expect.poll(async () => (await me(first, tokens[0] as string)).headers.get('ratelimit')).toContain('r=3');
      const statuses = [];
      for (let turn = 0; turn < 5; turn += 1) statuses.push(await ask(turn));
      expect(statuses).toEqual([200, 200, 200, 429, 429]);
      await redis.pause();
      expect(await ask(0)).toBe(200);
    });
  });
});

describe('pages of other origins', () => {
  const preflight = (api: TestApi, origin: string) =>
    fetch(`${api.url}/api/v1/repositories`, {
      method: 'OPTIONS',
      headers: { Origin: origin, 'Access-Control-Request-Method': 'POST' },
    });

  it('may not call the API', async () => {
    const api = await start({});
    const response = await preflight(api, 'https://console.example.com');
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
    const token = await signIn(api.database, 'alice');
    const answer = await me(api, token, { Origin: 'https://console.example.com' });
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('may where they are named, and no others', async () => {
    const api = await start({}, { corsOrigins: ['https://console.example.com'] });
    const named = await preflight(api, 'https://console.example.com');
    expect(named.status).toBe(204);
    expect(named.headers.get('access-control-allow-origin')).toBe('https://console.example.com');
    expect(named.headers.get('access-control-allow-credentials')).toBeNull();
    const other = await preflight(api, 'https://evil.example.com');
    expect(other.headers.get('access-control-allow-origin')).toBeNull();
  });
});
