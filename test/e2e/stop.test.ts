import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { uuidv7 } from '../../src/domain/uuid.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { HttpClient } from '../support/http-client.js';
import { addRepository } from '../support/index-rows.js';
import { type PkgserverProcess, startProcess } from '../support/process.js';

let database: TestDatabase;
let dataDir: string;
let repositoryId: string;
const started: PkgserverProcess[] = [];
beforeAll(async () => {
  database = await createTestDatabase();
  dataDir = await mkdtemp(join(tmpdir(), 'pkgserver-stop-'));
  repositoryId = (await addRepository(database.database, { name: 'waiting' })).id;
});
afterAll(async () => {
  for (const { kill } of started) await kill();
  await database?.drop();
  await rm(dataDir, { recursive: true, force: true });
});

async function start(settings: Record<string, string>): Promise<PkgserverProcess> {
  const all = { DATABASE_URL: database.url, DATA_DIR: dataDir, ...settings };
  const process = await startProcess(all);
  started.push(process);
  return process;
}

it('answers who waits at once, is not ready, and serves until balancers have learned of it', async () => {
  const api = await start({ ROLE: 'api', DRAIN_SECONDS: '3' });
  const client = new HttpClient(api.url);
  // No worker takes it: it would be waited for to the end.
  const waiting = client.call('POST', `/repositories/${repositoryId}/sync`, undefined, { Prefer: 'wait=30' });
  await expect.poll(() => database.database.client.operation.count({ where: { repositoryId } })).toBe(1);
  const begun = Date.now();
  const exit = api.stop();
  expect((await waiting).status).toBe(202);
  expect(Date.now() - begun, 'at once').toBeLessThan(2_500);
  const ready = await fetch(`${api.url}/health/ready`);
  expect([ready.status, await ready.json()]).toMatchObject([
    503,
    { code: 'unavailable', checks: { process: { status: 'down', message: 'The process was told to stop.' } } },
  ]);
  expect((await fetch(`${api.url}/health/live`)).status, 'nobody should restart it').toBe(200);
  expect((await client.call('GET', '/repositories')).status, 'whoever comes meanwhile is served').toBe(200);
  expect(await exit).toBe(0);
  expect(Date.now() - begun).toBeGreaterThanOrEqual(3_000);
}, 60_000);

it('says how many it has cut, where answers do not end', async () => {
  const api = await start({ ROLE: 'api' });
  const { port } = new URL(api.url);
  const socket = connect(Number(port), '127.0.0.1');
  await once(socket, 'connect');
  socket.write(
    'POST /api/v1/credentials HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{',
  );
  await expect.poll(async () => (await fetch(`${api.url}/health/live`)).status).toBe(200);
  const closed = once(socket, 'close');
  expect(await api.stop()).toBe(0);
  await closed;
  expect(api.output()).toMatch(/"level":"warn".*1 connections were cut/);
}, 60_000);

it('tells of a lease that was taken over from a worker that is gone', async () => {
  const expiresAt = new Date(Date.now() - 1000);
  await database.database.client.lease.create({ data: { scopeId: repositoryId, holder: uuidv7(), expiresAt } });
  const worker = await start({});
  await new HttpClient(worker.url).call('POST', `/repositories/${repositoryId}/sync`);
  await expect
    .poll(() => worker.output(), { timeout: 30_000 })
    .toMatch(new RegExp(`"level":"warn".*"scopeId":"${repositoryId}".*Work is taken over whose lease has run out`));
  const refused = () =>
    worker
      .output()
      .split('\n')
      .find((line) => line.includes('cannot be resolved'));
  await expect.poll(refused, { timeout: 30_000 }).toBeDefined();
  expect(JSON.parse(refused() ?? ''), 'each line of a visit names the repository').toMatchObject({
    ...{ level: 'warn', repository: 'waiting', repositoryId },
  });
}, 60_000);
