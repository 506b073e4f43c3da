import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApi, type TestApi } from '../support/api.js';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

const JSON_TYPE = { 'Content-Type': 'application/json' };

const send = (method: string, path: string, init: Omit<RequestInit, 'method'> = {}) =>
  fetch(`${api.url}${path}`, { method, ...init });

const post = (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = JSON_TYPE) =>
  send('POST', '/api/v1/repositories', { body, headers });

async function problemOf(response: Response): Promise<Record<string, unknown> & { errors?: { pointer: string }[] }> {
  expect(response.headers.get('content-type')).toContain('application/problem+json');
  const problem = (await response.json()) as Record<string, unknown>;
  expect(problem).toMatchObject({
    type: `urn:pkgserver:problem:${String(problem.code)}`,
    status: response.status,
    requestId: response.headers.get('x-request-id'),
  });
  return problem;
}

const repositoryCount = () => api.database.client.repository.count();

describe('bodies', () => {
  const bad: [string, string | Uint8Array<ArrayBuffer>, Record<string, string>, number, string][] = [
    ['bad JSON', '{"name": ', JSON_TYPE, 400, 'malformedBody'],
    ['40,000 brackets', '['.repeat(40_000), JSON_TYPE, 400, 'malformedBody'],
    ['40,000 nested arrays', '['.repeat(40_000) + ']'.repeat(40_000), JSON_TYPE, 400, 'malformedBody'],
    ['invalid UTF-8', new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x7d]), JSON_TYPE, 400, 'malformedBody'],
    ['__proto__', '{"name":"a","__proto__":{"deployment":true}}', JSON_TYPE, 400, 'malformedBody'],
    ['nothing', '', JSON_TYPE, 422, 'invalidBody'],
    ['an array', '[]', JSON_TYPE, 422, 'invalidBody'],
    ['a number', '7', JSON_TYPE, 422, 'invalidBody'],
    ['null', 'null', JSON_TYPE, 422, 'invalidBody'],
    ['YAML', 'name: a', { 'Content-Type': 'application/yaml' }, 415, 'unsupportedMediaType'],
    ['a form', 'name=a', { 'Content-Type': 'application/x-www-form-urlencoded' }, 415, 'unsupportedMediaType'],
    ['Latin-1', '{}', { 'Content-Type': 'application/json; charset=iso-8859-1' }, 415, 'unsupportedMediaType'],
    ['a merge patch', '{}', { 'Content-Type': 'application/merge-patch+json' }, 415, 'unsupportedMediaType'],
    ['2 MiB', `{"name":"${'a'.repeat(2 << 20)}"}`, JSON_TYPE, 413, 'bodyTooLarge'],
  ];
  it.each(bad)('refuses %s and changes nothing', async (_, body, headers, status, code) => {
    const response = await post(body, headers);
    expect(response.status).toBe(status);
    expect((await problemOf(response)).code).toBe(code);
    expect(await repositoryCount()).toBe(0);
  });

  it('names every unknown field, missing field and wrong type by a JSON pointer', async () => {
    const body = { name: 7, labels: { 'a b': 'x', team: '~' }, git: { branch: 'main', directory: [] }, 'x/y': 1 };
    const { errors = [] } = await problemOf(await post(JSON.stringify(body)));
    expect(errors.map(({ pointer }) => pointer).sort()).toEqual([
      '/git/branch',
      '/git/directory',
      '/git/url',
      '/labels/a b',
      '/labels/team',
      '/name',
      '/x~1y',
    ]);
  });

  it('refuses text that PostgreSQL cannot hold', async () => {
    for (const description of ['a\u0000b', '\ud800']) {
      const body = { name: 'a', description, git: { url: 'https://git.example.com/a' } };
      expect((await post(JSON.stringify(body))).status).toBe(422);
    }
  });

  it('refuses a body where none is read', async () => {
    const path = '/api/v1/operations/0199a0de-7a3e-7cc1-a6a5-58d3d44e5a0c/cancel';
    const response = await send('POST', path, { body: '{"force":true}', headers: JSON_TYPE });
    expect((await problemOf(response)).code).toBe('invalidBody');
  });
});

describe('routes', () => {
  const cases: [string, string, number, string][] = [
    ['GET', '/nowhere', 404, 'routeNotFound'],
    ['POST', '/api/v1/nowhere', 404, 'routeNotFound'],
    ['GET', '/api/v1/repositories/', 404, 'routeNotFound'],
    ['GET', '/%zz', 400, 'badRequest'],
    ['GET', '/api/v1/repositories/not-an-id', 404, 'notFound'],
    ['GET', '/api/v1/repositories/0199a0de-7a3e-7cc1-a6a5-58d3d44e5a0c', 404, 'notFound'],
    ['GET', `/api/v1/repositories/${'a'.repeat(3000)}`, 404, 'notFound'],
    ['GET', `/api/v1/repositories/${'a'.repeat(5000)}`, 414, 'uriTooLong'],
    ['POST', '/api/v1/repositories/%00/sync', 404, 'notFound'],
    ['GET', '/api/v1/repositories?colour=red', 400, 'invalidQuery'],
    ['GET', '/api/v1/repositories?pageSize=zero', 400, 'invalidQuery'],
    ['GET', '/api/v1/repositories?pageSize=-1', 400, 'invalidQuery'],
    ['GET', '/api/v1/repositories?deployment=perhaps', 400, 'invalidQuery'],
    ['GET', '/api/v1/repositories?labelSelector=a%3D%3D%3Db', 400, 'invalidQuery'],
    ['GET', '/api/v1/repositories?q=%00', 400, 'invalidQuery'],
    ['GET', '/api/v1/repositories?cursor=abc', 400, 'invalidCursor'],
    ['GET', '/api/v1/repositories/0199a0de-7a3e-7cc1-a6a5-58d3d44e5a0c?full=true', 400, 'invalidQuery'],
    ['POST', '/api/v1/repositories?dryRun=perhaps', 400, 'invalidQuery'],
  ];
  it.each(cases)('%s %s is %i %s', async (method, path, status, code) => {
    const response = await send(method, path);
    expect(response.status).toBe(status);
    expect((await problemOf(response)).code).toBe(code);
  });

  it('answers a wrong method with the right ones', async () => {
    const response = await send('PUT', '/api/v1/repositories', { body: '{}', headers: JSON_TYPE });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('GET, HEAD, POST');
    expect((await problemOf(response)).code).toBe('methodNotAllowed');
  });

  /** The first line and the body of what the server says to bytes that no HTTP client would send. */
  const raw = (text: string) =>
    new Promise<{ status: number; body: string }>((resolve, reject) => {
      let answer = '';
      const socket = connect(Number(new URL(api.url).port), '127.0.0.1', () => socket.write(text));
      socket
        .on('data', (chunk) => (answer += chunk.toString()))
        .on('end', () => {
          const [head = '', body = ''] = answer.split('\r\n\r\n');
          resolve({ status: Number(head.split(' ')[1]), body });
        })
        .on('error', reject);
    });

  it.each([
    ['a method that HTTP has and the path has not', 'PROPFIND', '', 405, 'methodNotAllowed'],
    ['a method that HTTP has not', 'FROBNICATE', '', 400, 'badRequest'],
    ['more headers than the server reads', 'GET', `X-Long: ${'a'.repeat(20_000)}\r\n`, 431, 'badRequest'],
  ])('answers %s as the contract tells', async (_name, method, headers, status, code) => {
    const text = `${method} /api/v1/repositories HTTP/1.1\r\nHost: x\r\n${headers}Connection: close\r\n\r\n`;
    const answer = await raw(text);
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.body)).toMatchObject({ status, code });
  });

  it('answers a wrong method with a stranger body all the same', async () => {
    const response = await send('DELETE', '/api/v1/repositories');
    expect(response.status).toBe(405);
  });

  it('answers HEAD as GET, without the body', async () => {
    const response = await send('HEAD', '/api/v1/repositories');
    expect([response.status, await response.text()]).toEqual([200, '']);
  });

  it.each(['text/html', 'application/json;q=0', 'application/xml, text/*'])(
    'does not answer Accept: %s',
    async (type) => {
      const response = await send('GET', '/api/v1/repositories', { headers: { Accept: type } });
      expect(response.status).toBe(406);
      expect((await problemOf(response)).code).toBe('notAcceptable');
    },
  );

  it.each(['*/*', 'application/*', 'text/html, application/json;q=0.1'])('answers Accept: %s', async (type) => {
    const response = await send('GET', '/api/v1/repositories', { headers: { Accept: type } });
    expect(response.status).toBe(200);
  });

  it('answers what is not HTTP with a Problem and hangs up', async () => {
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(new URL(api.url).port), '127.0.0.1', () => socket.end('BOO\r\n\r\n'));
      let text = '';
      socket
        .on('data', (chunk) => (text += chunk.toString()))
        .on('end', () => resolve(text))
        .on('error', reject);
    });
    expect(answer).toMatch(/^HTTP\/1\.1 400 [\s\S]*application\/problem\+json[\s\S]*"code":"badRequest"/);
  });
});

describe('the request id', () => {
  it('is the one the caller sent', async () => {
    const response = await send('GET', '/api/v1/repositories', { headers: { 'X-Request-Id': 'trace-7' } });
    expect(response.headers.get('x-request-id')).toBe('trace-7');
  });

  it('is a new one where the caller sent none, or one that is not fit for a log', async () => {
    const response = await send('GET', '/nowhere', { headers: { 'X-Request-Id': 'a b"c' } });
    expect(response.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('follows the request into the operation it starts', async () => {
    const body = JSON.stringify({ name: 'traced', git: { url: 'https://git.example.com/traced' } });
    await post(body, { ...JSON_TYPE, 'X-Request-Id': 'trace-8' });
    const [operation] = await api.database.client.operation.findMany();
    expect(operation?.requestId).toBe('trace-8');
  });
});

describe('the document', () => {
  it('is served as JSON and YAML, with Swagger UI beside it', async () => {
    const json = (await (await send('GET', '/openapi.json')).json()) as { openapi: string };
    expect(json.openapi).toBe('3.1.1');
    expect(await (await send('GET', '/openapi.yaml')).text()).toMatch(/^openapi: 3\.1\.1/);
    const page = await send('GET', '/docs');
    expect(await page.text()).toContain('swagger-ui');
    expect((await send('GET', '/docs/swagger-ui-bundle.js')).status).toBe(200);
  });
});
