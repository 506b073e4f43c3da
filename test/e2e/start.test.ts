import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import { createEmptyDatabase } from '../support/database.js';

/** What users start; the other tests start the same program from one file, which loads sooner. */
const MAIN = resolve(import.meta.dirname, '../../dist/main.js');

/** The program with nothing but these variables. */
class Run {
  readonly child: ChildProcess;
  stdout = '';
  stderr = '';
  readonly exit: Promise<number | null>;

  constructor(variables: Record<string, string>, program: string) {
    this.child = spawn(process.execPath, [program], {
      env: { PATH: process.env.PATH ?? '', ...variables },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout?.on('data', (text: Buffer) => (this.stdout += text.toString()));
    this.child.stderr?.on('data', (text: Buffer) => (this.stderr += text.toString()));
    this.exit = once(this.child, 'close').then(() => this.child.exitCode);
  }

  async url(): Promise<string> {
    return vi.waitFor(() => {
      const match = /(http:\/\/[\d.]+:\d+)\/(?:docs|health)/.exec(this.stdout);
      if (!match?.[1]) throw new Error(`not started:\n${this.stdout}${this.stderr}`);
      return match[1];
    }, 60_000);
  }
}

let dataDir: string;
let runs: Run[];

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'pkgserver-start-'));
  runs = [];
});
afterEach(async () => {
  for (const { child, exit } of runs) {
    child.kill('SIGKILL');
    await exit;
  }
  await vi.waitFor(async () => expect(await serverAlive()).toBe(false), 60_000);
  await rm(dataDir, { recursive: true, force: true });
});

function run(variables: Record<string, string>, program = inject('program')): Run {
  const started = new Run({ DATA_DIR: dataDir, PORT: '0', ...variables }, program);
  runs.push(started);
  return started;
}

/** What the first start leaves for its administrator; it is the same one after the next start. */
async function credentials(): Promise<{ Authorization: string }> {
  return { Authorization: `Bearer ${(await readFile(join(dataDir, 'admin-token'), 'utf8')).trim()}` };
}

async function serverAlive(): Promise<boolean> {
  const file = await readFile(join(dataDir, 'postgres/cluster/postmaster.pid'), 'utf8').catch(() => '');
  const pid = Number(file.split('\n')[0]);
  return pid > 0 && existsSync(`/proc/${pid}`);
}

it('says in a sentence that Node.js is too old, before it loads anything', async () => {
  const older = `Object.defineProperty(process.versions, 'node', { value: '18.20.4' })`;
  const started = run({ NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(older)}` }, MAIN);
  expect(await started.exit).toBe(1);
  expect(started.stdout + started.stderr).toBe(
    'pkgserver needs Node.js 20.19 or newer, and this is 18.20.4: install a newer one, or use the image.\n',
  );
});

describe('pkgserver without any setting', () => {
  it('starts all there is in one process, says what and where, and stops on SIGTERM', async () => {
    const all = run({}, MAIN);
    const url = await all.url();
    const lines = all.stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { msg: string }).msg);
    expect(lines).toEqual([
      expect.stringMatching(/^Migrations applied: /),
      expect.stringMatching(
        /^pkgserver \d+\.\d+\.\d+, role all: works on up to \d+ repositories at a time, with .*git/i,
      ),
      expect.stringMatching(/^Database: embedded PostgreSQL at 127\.0\.0\.1:\d+\/pkgserver, data in /),
      'Queue: in the same PostgreSQL',
      `Sign-in: with API tokens; that of the first administrator is in ${join(dataDir, 'admin-token')}`,
      expect.stringMatching(/^API: http:\/\/127\.0\.0\.1:\d+\/api\/v1, documentation: http:.+\/docs$/),
    ]);
    expect((await fetch(`${url}/docs`)).status).toBe(200);
    expect(await (await fetch(`${url}/health/ready`)).json()).toEqual({
      status: 'ok',
      checks: { database: { status: 'up' }, queue: { status: 'up' } },
    });
    expect(await (await fetch(`${url}/health/live`)).json()).toEqual({ status: 'ok', checks: {} });
    expect((await stat(join(dataDir, 'admin-token'))).mode & 0o777).toBe(0o600);
    expect(all.stdout).not.toContain('pks_');
    expect((await fetch(`${url}/metrics`)).status).toBe(401);
    const metrics = await fetch(`${url}/metrics`, { headers: await credentials() });
    expect(metrics.headers.get('content-type')).toMatch(/^text\/plain/);
    expect(await metrics.text()).toMatch(
      /pkgserver_http_request_duration_seconds_count\{method="GET",route="\/health\/ready",status="200"\} 1/,
    );

    const begun = Date.now();
    all.child.kill('SIGTERM');
    expect(await all.exit).toBe(0);
    expect(Date.now() - begun).toBeLessThan(10_000);
    expect(await serverAlive()).toBe(false);
  });

  it('leaves nothing running when it is killed, and starts again on its data', async () => {
    const first = run({});
    const created = await fetch(`${await first.url()}/api/v1/credentials`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(await credentials()) },
      body: JSON.stringify({ name: 'kept', type: 'token', token: 'hunter2' }),
    });
    expect(created.status).toBe(201);
    first.child.kill('SIGKILL');
    await first.exit;
    await vi.waitFor(async () => expect(await serverAlive()).toBe(false), 60_000);

    const second = run({});
    const answer = await fetch(`${await second.url()}/api/v1/credentials`, { headers: await credentials() });
    const list = (await answer.json()) as { items: unknown[] };
    expect(list.items).toMatchObject([{ name: 'kept' }]);
  });

  it('starts on a copy of its folder, which is a backup once it has stopped', async () => {
    const first = run({});
    const headers = { 'content-type': 'application/json', ...(await first.url().then(credentials)) };
    const path = '/api/v1/credentials';
    const body = JSON.stringify({ name: 'kept', type: 'token', token: 'hunter2' });
    expect((await fetch(`${await first.url()}${path}`, { method: 'POST', headers, body })).status).toBe(201);
    first.child.kill('SIGTERM');
    expect(await first.exit).toBe(0);
    const copy = join(dataDir, 'copy');
    await mkdir(copy);
    await promisify(execFile)('cp', ['-a', join(dataDir, 'postgres'), join(dataDir, 'credentials.key'), copy]);

    const restored = run({ DATA_DIR: copy });
    const list = (await (await fetch(`${await restored.url()}${path}`, { headers })).json()) as { items: unknown[] };
    expect(list.items).toMatchObject([{ name: 'kept' }]);
    restored.child.kill('SIGTERM');
    expect(await restored.exit).toBe(0);
  }, 120_000);

  it('stops cleanly when it is told to in the middle of its start', async () => {
    const early = run({});
    await vi.waitFor(() => expect(existsSync(join(dataDir, 'postgres'))).toBe(true), 60_000);
    await sleep(200);
    early.child.kill('SIGTERM');
    expect(await early.exit).toBe(0);
    expect(await serverAlive()).toBe(false);
  });
});

describe('a role of its own', () => {
  it('api and worker run apart on one database, each with its health', async () => {
    const databaseUrl = await createEmptyDatabase();
    const [api, worker] = [
      // Told, and no reason not to start: it may be only away.
      run({ ROLE: 'api', DATABASE_URL: databaseUrl, OIDC_ISSUER: 'https://idp.invalid', OIDC_AUDIENCE: 'pkgserver' }),
      run({ ROLE: 'worker', DATABASE_URL: databaseUrl, DATA_DIR: join(dataDir, 'worker') }),
    ];
    const [apiUrl, workerUrl] = [await api.url(), await worker.url()];
    await expect
      .poll(() => api.stdout, { timeout: 20_000 })
      .toMatch(/"level":"warn".*https:\/\/idp\.invalid \(OIDC_ISSUER\) cannot be asked for its keys: \S+/);
    expect(api.stdout).not.toContain('Worker:');
    expect(worker.stdout).not.toContain('API:');
    expect((await fetch(`${workerUrl}/health/ready`)).status).toBe(200);
    expect((await fetch(`${apiUrl}/api/v1/repositories`, { headers: await credentials() })).status).toBe(200);
    expect((await fetch(`${workerUrl}/api/v1/repositories`)).status).toBe(404);
    for (const { child, exit } of [api, worker]) {
      child.kill('SIGTERM');
      expect(await exit).toBe(0);
    }
  });
});

describe('a mistake is told in one clear sentence, with exit code 1', () => {
  async function failureOf(variables: Record<string, string>): Promise<string> {
    const failed = run(variables);
    expect(await failed.exit).toBe(1);
    expect(failed.stderr).not.toMatch(/\n\s+at /);
    return failed.stderr.trim();
  }
  let busy: Server;
  afterEach(() => busy?.close());

  it('a port in use', async () => {
    busy = createServer().listen(0, '127.0.0.1');
    await once(busy, 'listening');
    const { port } = busy.address() as AddressInfo;
    const sentence = `PORT ${port} of 127.0.0.1 is in use: stop what listens there, or set PORT to another one.`;
    expect(await failureOf({ PORT: String(port) })).toBe(sentence);
  });

  it('a database that is not there', async () => {
    const sentence = 'PostgreSQL at 127.0.0.1:1/x (DATABASE_URL) refuses connections; start it, or correct the URL.';
    expect(await failureOf({ DATABASE_URL: 'postgresql://me:hunter2@127.0.0.1:1/x' })).toBe(sentence);
  });

  it('a URL of another kind', async () => {
    expect(await failureOf({ DATABASE_URL: 'mysql://127.0.0.1/x' })).toMatch(
      /^DATABASE_URL must be a URL such as .+\.$/,
    );
  });

  it('a variable that is missing', async () => {
    expect(await failureOf({ ROLE: 'api' })).toMatch(/^DATABASE_URL must be set when ROLE is api: .+\.$/);
  });

  it.each(['/dev/null/data', '/dev/null', '/proc/pkgserver', '/proc/pkgserver/data'])(
    'a folder that cannot be made: %s',
    async (folder) => {
      const sentence = await failureOf({ DATA_DIR: folder });
      expect(sentence).toMatch(/^DATA_DIR \/\w.+ cannot be used: .+\.$/);
      expect(sentence).toContain(folder);
    },
  );

  it('a folder in use', async () => {
    await run({}).url();
    expect(await failureOf({})).toMatch(/ is in use by another pkgserver \(process \d+\): .+\.$/);
  });
});
