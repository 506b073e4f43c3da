import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Api } from './api.js';
import { Refused } from './problem.js';

type Answer = [status: number, body: object] | 'cut';

let server: Server;
let answers: Answer[];
let asked: string[];
let said: string[];
let over: AbortController;
let api: Api;

beforeEach(async () => {
  [answers, asked, said, over] = [[], [], [], new AbortController()];
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    const answer = answers.shift() ?? [500, {}];
    if (answer === 'cut') return void request.socket.destroy();
    return void response.writeHead(answer[0]).end(JSON.stringify(answer[1]));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  api = new Api({
    base: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1/`),
    headers: {},
    signal: over.signal,
    told: { away: (why) => said.push(`away: ${why}`), back: () => said.push('back') },
    pause: 5,
  });
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

it('asks again through what passes, and says so', async () => {
  answers = ['cut', [503, { detail: 'No database.' }], [200, { a: 1 }], [200, { a: 2 }]];
  expect([await api.get('fleet', { groupBy: 'target', cursor: null }), await api.get('x')]).toEqual([
    { a: 1 },
    { a: 2 },
  ]);
  expect(asked).toEqual([...Array.from({ length: 3 }, () => '/api/v1/fleet?groupBy=target'), '/api/v1/x']);
  expect(said).toEqual([expect.stringContaining('away: '), 'away: No database. (503)', 'back']);
});

it('asks no more where the service says no', async () => {
  answers = [
    [404, { detail: 'Not there.' }],
    [403, {}],
    [404, {}],
    [401, {}],
  ];
  const refused = await api.get('x').catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(Refused);
  expect(refused).toMatchObject({ status: 404, message: 'Not there. (404)' });
  expect([await api.find('x'), await api.find('x')]).toEqual([undefined, undefined]);
  await expect(api.find('x')).rejects.toMatchObject({ status: 401 });
  expect([asked.length, said]).toEqual([4, []]);
});

it('follows the pages of a list', async () => {
  answers = [
    [200, { items: [1, 2], nextCursor: 'c' }],
    [200, { items: [3], nextCursor: null }],
  ];
  expect(await api.all('x', { q: 'y' })).toEqual([1, 2, 3]);
  expect(asked).toEqual(['/api/v1/x?pageSize=500&q=y', '/api/v1/x?pageSize=500&q=y&cursor=c']);
});

it('ends when it is over', async () => {
  const asking = api.get('x');
  await expect.poll(() => said.length).toBeGreaterThan(1);
  over.abort();
  await expect(asking).rejects.toThrow(/abort/i);
});
