import { readdir, readFile } from 'node:fs/promises';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { EmbeddedPostgres } from '../../src/database/embedded-postgres.js';
import { GitServer } from '../support/git-server.js';
import { type PkgserverProcess, startProcess } from '../support/process.js';
import { Steps } from '../support/steps.js';

let folder: string;
let postgres: EmbeddedPostgres;
let server: PkgserverProcess;
let git: GitServer;
let token: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pkgserver-hangs-'));
  await chmod(folder, 0o755);
  git = await GitServer.start();
  postgres = await EmbeddedPostgres.start(folder, { fsync: 'off' });
  server = await startProcess({
    DATABASE_URL: postgres.url,
    DATA_DIR: join(folder, 'data'),
    AUTH: 'required',
    RATE_LIMIT_IDENTITY: '600',
    RATE_LIMIT_ADDRESS: '600',
  });
  token = (await readFile(join(folder, 'data', 'admin-token'), 'utf8')).trim();
}, 120_000);
afterEach(async () => {
  await signal('SIGCONT');
  await server?.kill();
  await postgres?.stop();
  await git?.stop();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

/** The postmaster and all that it has started. */
async function processes(): Promise<number[]> {
  const file = await readFile(join(folder, 'postgres/cluster/postmaster.pid'), 'utf8').catch(() => '');
  const postmaster = Number(file.split('\n')[0]);
  if (!(postmaster > 0)) return [];
  const found = [postmaster];
  for (const name of await readdir('/proc')) {
    const stat = /^\d+$/.test(name) ? await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '') : '';
    if (Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === postmaster) found.push(Number(name));
  }
  return found;
}

async function signal(name: NodeJS.Signals): Promise<void> {
  for (const pid of await processes()) process.kill(pid, name);
}

const headers = () => ({ Authorization: `Bearer ${token}` });

async function timed(
  path: string,
  method = 'GET',
): Promise<{ status: number; seconds: number; text: string; retry: string | null }> {
  const begun = performance.now();
  const answer = await fetch(server.url + path, {
    method,
    headers: { ...headers(), 'Content-Type': 'application/json' },
    ...(method === 'POST' && { body: JSON.stringify({ name: 'c', type: 'token', token: 't' }) }),
  });
  const text = await answer.text();
  const seconds = (performance.now() - begun) / 1000;
  return { status: answer.status, seconds, text, retry: answer.headers.get('retry-after') };
}

it.runIf(process.platform === 'linux')(
  'a PostgreSQL that hangs: 503 within ten seconds, metrics at once, and all is well afterwards',
  async () => {
    const steps = new Steps(server.url, headers());
    const { url } = await git.createRepository('fleet');
    const repositoryId = await steps.register({ name: 'fleet', url });
    const draft = await steps.draft(repositoryId, 'web');
    await steps.propose(draft);
    expect((await timed('/metrics')).text).toContain('pkgserver_operations{');
    const operation = await steps.approve(draft);

    await signal('SIGSTOP');
    // More than there are connections.
    const requests = Array.from({ length: 40 }, (_, index) =>
      index % 2 === 0 ? timed('/api/v1/repositories') : timed('/api/v1/credentials', 'POST'),
    );
    const scrape = await timed('/metrics');
    expect(scrape.status).toBe(200);
    expect(scrape.text).toContain('nodejs_heap_size_used_bytes');
    expect(scrape.text).not.toContain('pkgserver_operations{');
    expect(scrape.seconds).toBeLessThan(4);
    expect((await timed('/health/live')).seconds).toBeLessThan(1);
    const answers = await Promise.all(requests);
    expect(answers.map(({ status, retry }) => [status, retry])).toEqual(answers.map(() => [503, '1']));
    expect(Math.max(...answers.map(({ seconds }) => seconds))).toBeLessThan(10);
    // By now it is known, and nobody waits.
    for (const path of ['/api/v1/repositories', '/health/ready']) {
      const answer = await timed(path);
      expect(answer.status).toBe(503);
      expect(answer.seconds).toBeLessThan(4);
    }
    expect((await timed('/metrics')).status).toBe(200);

    await signal('SIGCONT');
    await expect.poll(async () => (await timed('/health/ready')).status, { timeout: 20_000 }).toBe(200);
    expect((await steps.finished(operation)).state).toBe('succeeded');
    expect((await timed('/metrics')).text).toContain('pkgserver_operations{');
    const told = server
      .output()
      .split('\n')
      .filter((line) => line.includes('PostgreSQL at '));
    expect(told.slice(-2)).toEqual([
      expect.stringMatching(
        /does not answer: Connection terminated, since PostgreSQL takes connections and answers nothing/,
      ),
      expect.stringMatching(/answers again\./),
    ]);
  },
);

it('metrics count against no limit, and a token that is none does', async () => {
  const answers = await Promise.all(Array.from({ length: 700 }, () => timed('/metrics').then(({ status }) => status)));
  expect(new Set(answers)).toEqual(new Set([200]));
  expect((await timed('/api/v1/repositories')).status).toBe(200);
  token = 'pks_no';
  expect([(await timed('/metrics')).status, (await timed('/metrics')).status]).toEqual([401, 429]);
});
