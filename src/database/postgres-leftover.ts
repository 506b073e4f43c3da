import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { StartupError } from '../config/config.js';

const WATCHDOG_GRACE_MS = 10_000;
const STOP_TIMEOUT_MS = 30_000;

/**
 * Waits for the server that a crashed predecessor left behind: its watchdog is stopping it. One whose watchdog was
 * killed too is stopped here. A pid file without such a server is removed, since its number may be someone else's now.
 */
export async function stopLeftover(data: string): Promise<void> {
  const file = join(data, 'postmaster.pid');
  const pid = Number((await readFile(file, 'utf8').catch(() => '')).split('\n')[0]);
  if (!(pid > 0)) return;
  if (await ends(pid, data, WATCHDOG_GRACE_MS)) return rm(file, { force: true });
  process.kill(pid, 'SIGINT');
  if (await ends(pid, data, STOP_TIMEOUT_MS)) return rm(file, { force: true });
  throw new StartupError(`The PostgreSQL of an earlier start (process ${pid}) still runs on ${data}: stop it first.`);
}

async function ends(pid: number, data: string, withinMs: number): Promise<boolean> {
  for (const deadline = Date.now() + withinMs; Date.now() < deadline; await sleep(50)) {
    if (!(await commandOf(pid)).includes(data)) return true;
  }
  return false;
}

/** The command line of a process; empty if there is none. */
async function commandOf(pid: number): Promise<string> {
  if (process.platform === 'linux') return readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  const answer = await promisify(execFile)('ps', ['-o', 'command=', '-p', String(pid)]).catch(() => ({ stdout: '' }));
  return answer.stdout;
}
