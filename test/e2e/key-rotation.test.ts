import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { GitServer } from '../support/git-server.js';
import { type PkgserverProcess, startProcess } from '../support/process.js';
import { Steps } from '../support/steps.js';

const [older, newer] = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64')];

let git: GitServer;
let test: TestDatabase;
let folder: string;
let count = 0;
const running = new Map<string, PkgserverProcess>();
beforeAll(async () => {
  git = await GitServer.start();
  test = await createTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'pkgserver-rotation-'));
});
afterAll(async () => {
  for (const { kill } of running.values()) await kill();
  await test?.drop();
  await git?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Starts a process in place of the one of this name, if there is one. */
async function restart(name: string, keys: string): Promise<void> {
  await running.get(name)?.stop();
  const DATA_DIR = join(folder, `${(count += 1)}`);
  const variables = { DATABASE_URL: test.url, DATA_DIR, CREDENTIALS_KEY: keys, SWEEP_INTERVAL_MS: '200' };
  running.set(name, await startProcess({ ...variables, ROLE: name === 'api' ? 'api' : 'worker' }));
}

const steps = () => new Steps(running.get('api')?.url ?? '');

/** A secret sealed by the API process, which a worker has to open. */
async function registered(): Promise<string> {
  const name = `fleet-${(count += 1)}`;
  const { url } = await git.createRepository(name);
  git.requireBasic(name, 'robot', 'hunter2');
  const secret = { type: 'basic', username: 'robot', password: 'hunter2' };
  const { body: credential } = await steps().expect(201, 'POST', '/credentials', { name, ...secret });
  const made = { name, deployment: false, git: { url, credentialId: credential.id } };
  const { body } = await steps().expect(201, 'POST', '/repositories', made);
  const { body: sync } = await steps().expect(202, 'POST', `/repositories/${body.id}/sync`);
  expect(await steps().finished(sync.id)).toMatchObject({ state: 'succeeded' });
  return body.id as string;
}

const approved = async (repositoryId: string): Promise<string> => {
  const id = await steps().draft(repositoryId, `web-${(count += 1)}`);
  await steps().propose(id);
  return steps().approve(id);
};

it('is rotated while API and workers run, as docs/operating.md says, without an approval that fails', async () => {
  for (const name of ['api', 'one', 'two']) await restart(name, older);
  const first = await registered();
  const approvals: string[] = [];
  for (const keys of [`${older},${newer}`, `${newer},${older}`, newer]) {
    if (keys === newer) {
      const { PATH = '' } = process.env;
      const env = { PATH, DATABASE_URL: test.url, CREDENTIALS_KEY: `${newer},${older}` };
      await promisify(execFile)(process.execPath, ['dist/commands/credentials-reseal.js'], { env });
    }
    for (const name of ['one', 'api', 'two']) {
      await restart(name, keys);
      // The next restart finds some of them under way.
      for (const id of [first, await registered(), first]) approvals.push(await approved(id));
    }
  }
  for (const id of approvals) expect(await steps().finished(id)).toMatchObject({ state: 'succeeded' });
  expect(await test.database.client.operation.count({ where: { state: 'failed' } })).toBe(0);
}, 240_000);

it('that one process lacks has its work wait, and is named, until a process that has it comes', async () => {
  const repositoryId = await registered();
  for (const name of ['one', 'two']) await restart(name, randomBytes(32).toString('base64'));
  const operation = await approved(repositoryId);
  const get = async () => (await steps().expect(200, 'GET', `/operations/${operation}`)).body;
  await expect
    .poll(async () => (await get()).waitingFor, { timeout: 60_000 })
    .toMatch(/was sealed with another key than this process has/);
  const ready = await fetch(`${running.get('one')?.url}/health/ready`);
  expect([ready.status, await ready.json()]).toMatchObject([
    200,
    { status: 'degraded', checks: { sealingKeys: { since: expect.any(String) } } },
  ]);
  await restart('one', newer);
  expect(await steps().finished(operation)).toMatchObject({ state: 'succeeded' });
}, 120_000);
