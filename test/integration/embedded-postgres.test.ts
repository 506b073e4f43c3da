import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { StartupError } from '../../src/config/config.js';
import { EmbeddedPostgres } from '../../src/database/embedded-postgres.js';
import { query } from '../support/database-role.js';

let dataDir: string;
let children: ChildProcess[];

beforeEach(async () => {
  // Closed to others, as a home folder is.
  dataDir = await mkdtemp(join(tmpdir(), 'pkgserver-embedded-'));
  await chmod(dataDir, 0o700);
  children = [];
});
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  await vi.waitFor(async () => expect(isAlive(await serverPid())).toBe(false), 60_000);
  await rm(dataDir, { recursive: true, force: true });
});

async function startChild(): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, ['test/support/embedded-postgres-child.mjs', dataDir], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.push(child);
  const [url] = (await once(createInterface(child.stdout), 'line')) as [string];
  return { child, url };
}

async function serverPid(): Promise<number> {
  const file = await readFile(join(dataDir, 'postgres/cluster/postmaster.pid'), 'utf8').catch(() => '');
  return Number(file.split('\n')[0]);
}

function isAlive(pid: number): boolean {
  return pid > 0 && existsSync(`/proc/${pid}`);
}

describe('the embedded PostgreSQL', () => {
  it('keeps what was committed, over stops and starts', async () => {
    const first = await EmbeddedPostgres.start(dataDir);
    await query(first.url, 'CREATE TABLE kept (id INT); INSERT INTO kept VALUES (7)');
    await first.stop();
    expect(first.running).toBe(false);
    const second = await EmbeddedPostgres.start(dataDir);
    expect(await query(second.url, 'SELECT id FROM kept')).toEqual([{ id: 7 }]);
    await second.stop();
  });

  it('is UTF-8, sorts by bytes, is durable, and listens on loopback only', async () => {
    const server = await EmbeddedPostgres.start(dataDir);
    const settings = await query(
      server.url,
      `SELECT current_setting('server_encoding') AS encoding, current_setting('fsync') AS fsync,
         current_setting('synchronous_commit') AS commit, current_setting('listen_addresses') AS addresses,
         (SELECT datcollate FROM pg_database WHERE datname = current_database()) AS collation`,
    );
    expect(settings).toEqual([{ encoding: 'UTF8', fsync: 'on', commit: 'on', addresses: '127.0.0.1', collation: 'C' }]);
    await server.stop();
  });

  it('lets nobody in without its password, which only its owner can read', async () => {
    const server = await EmbeddedPostgres.start(dataDir);
    const wrong = new URL(server.url);
    wrong.password = 'wrong';
    await expect(query(wrong.href, 'SELECT 1')).rejects.toThrow(/password authentication failed/);
    expect((await stat(join(dataDir, 'postgres/password'))).mode & 0o777).toBe(0o600);
    await server.stop();
  });

  it('goes down with a process that is killed, and comes back with its data', async () => {
    const { child, url } = await startChild();
    await query(url, 'CREATE TABLE kept (id INT); INSERT INTO kept VALUES (7)');
    const pid = await serverPid();
    expect(isAlive(pid)).toBe(true);
    child.kill('SIGKILL');
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false), 60_000);

    const next = await EmbeddedPostgres.start(dataDir);
    expect(await query(next.url, 'SELECT id FROM kept')).toEqual([{ id: 7 }]);
    await next.stop();
  });

  it('can be started again at once after a kill, while the old server still stops', async () => {
    const { child, url } = await startChild();
    await query(url, 'CREATE TABLE kept (id INT)');
    const killed = once(child, 'exit');
    child.kill('SIGKILL');
    await killed;
    const next = await EmbeddedPostgres.start(dataDir);
    expect(await query(next.url, 'SELECT count(*)::int AS n FROM kept')).toEqual([{ n: 0 }]);
    await next.stop();
  });

  it('is not stopped by Ctrl-C in the terminal', async () => {
    const { child } = await startChild();
    const field = (text: string, index: number) => text.slice(text.lastIndexOf(')') + 2).split(' ')[index - 3];
    const groupOf = async (pid: number) => field(await readFile(`/proc/${pid}/stat`, 'utf8'), 5);
    expect(await groupOf(await serverPid())).not.toBe(await groupOf(child.pid!));
  });

  it('refuses a second pkgserver on the same folder, in one sentence', async () => {
    const { child } = await startChild();
    const failure = await EmbeddedPostgres.start(dataDir).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(StartupError);
    expect((failure as Error).message).toBe(
      `${dataDir} is in use by another pkgserver (process ${child.pid}): stop it, or set DATA_DIR to another folder.`,
    );
  });

  it('takes over the lock of a process that is gone, even if its number is in use again', async () => {
    await writeFile(join(dataDir, 'pkgserver.lock'), `${process.pid} 1\n`);
    const server = await EmbeddedPostgres.start(dataDir);
    expect(await query(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await server.stop();
  });

  it('says so when the server ends by itself, and not when it is told to', async () => {
    const server = await EmbeddedPostgres.start(dataDir);
    const lost = vi.fn();
    server.onUnexpectedExit(lost);
    process.kill(await serverPid(), 'SIGQUIT');
    await vi.waitFor(() => expect(lost).toHaveBeenCalledOnce(), 60_000);
    await server.stop();

    const next = await EmbeddedPostgres.start(dataDir);
    const told = vi.fn();
    next.onUnexpectedExit(told);
    await next.stop();
    expect(told).not.toHaveBeenCalled();
  });

  it('starts on another port when somebody takes the one that it has chosen', async () => {
    const taker = createServer();
    const { close } = Server.prototype;
    // The choice ends with the close of the server that has held the port.
    vi.spyOn(Server.prototype, 'close').mockImplementationOnce(function (this: Server, done) {
      const { port } = this.address() as AddressInfo;
      close.call(this, done);
      return taker.listen(port, '127.0.0.1');
    });
    const server = await EmbeddedPostgres.start(dataDir);
    const taken = (taker.address() as AddressInfo).port;
    expect(new URL(server.url).port).not.toBe(String(taken));
    expect(await query(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    taker.close();
    await server.stop();
  });

  it('tells why it could not start', async () => {
    const server = await EmbeddedPostgres.start(dataDir);
    await server.stop();
    await writeFile(join(dataDir, 'postgres/cluster/PG_VERSION'), '9\n');
    await expect(EmbeddedPostgres.start(dataDir)).rejects.toThrow(/did not start: .*version/i);
  });
});
