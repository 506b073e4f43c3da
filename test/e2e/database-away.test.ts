import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { GitServer } from '../support/git-server.js';
import { type PkgserverProcess, startProcess } from '../support/process.js';
import { Steps } from '../support/steps.js';
import { TcpProxy } from '../support/tcp-proxy.js';

let git: GitServer;
let test: TestDatabase;
let proxy: TcpProxy;
let folder: string;
let server: PkgserverProcess;

beforeEach(async () => {
  git = await GitServer.start();
  test = await createTestDatabase();
  proxy = await TcpProxy.start(test.url);
  folder = await mkdtemp(join(tmpdir(), 'pkgserver-database-away-'));
  const settings = { DATABASE_URL: proxy.through(test.url), DATA_DIR: folder, SWEEP_INTERVAL_MS: '200' };
  server = await startProcess({ ROLE: 'all', ...settings });
}, 60_000);
afterEach(async () => {
  await server?.kill();
  await proxy?.stop();
  await test?.drop();
  await git?.stop();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

interface Line {
  level: string;
  msg: string;
  context?: string;
}

/** What the log has said by now, but for requests, what ended, and leases that could not be given back meanwhile. */
const said = (): Line[] =>
  server
    .output()
    .trim()
    .split('\n')
    .map((text) => JSON.parse(text) as Line)
    .filter(({ context }) => context !== 'Leases')
    .filter(({ level, context }) => level !== 'info' || context === 'Database' || context === 'Doorbell');
const ready = async () => (await fetch(`${server.url}/health/ready`)).status;

it('PostgreSQL that goes away, and comes back, is told in one line each, by a process at work', async () => {
  const steps = new Steps(server.url);
  const { url } = await git.createRepository('fleet');
  const repositoryId = await steps.register({ name: 'fleet', url });
  await steps.draft(repositoryId, 'web');
  const before = said().length;

  proxy.onConnection(() => ({ refuse: true }));
  proxy.cutNow();
  // Time for many turns of all that looks into the database by itself.
  await sleep(4_000);
  expect(await ready()).toBe(503);
  const away = {
    level: 'warn',
    context: 'Database',
    msg: expect.stringMatching(/^PostgreSQL at \S+ does not answer: /),
  };
  expect(said().slice(before)).toMatchObject([away]);

  proxy.onConnection(null);
  await expect.poll(ready, { timeout: 20_000 }).toBe(200);
  await steps.publish(await steps.draft(repositoryId, 'api'));
  const back = {
    level: 'info',
    context: 'Database',
    msg: expect.stringMatching(/^PostgreSQL at \S+ answers again\.$/),
  };
  expect(said().slice(before)).toMatchObject([away, back]);
}, 120_000);
