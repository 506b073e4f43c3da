import { execFile } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { StartupError } from '../config/config.js';
import { makeDataFolder } from '../config/data-folder.js';

/**
 * Keeps a second pkgserver off the same DATA_DIR. The lock names its holder by process id and start time, because after
 * a crash (and in every new container) the same id soon belongs to someone else.
 */
export class DataLock {
  private constructor(private readonly file: string) {}

  static async acquire(dataDir: string): Promise<DataLock> {
    const file = join(dataDir, 'pkgserver.lock');
    await makeDataFolder(dataDir);
    for (let attempt = 0; attempt < 3; attempt++) {
      try {
        await writeFile(file, `${process.pid} ${await startTime(process.pid)}\n`, { flag: 'wx' });
        return new DataLock(file);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const holder = (await readFile(file, 'utf8').catch(() => '')).trim();
      const pid = Number(holder.split(' ')[0]);
      if (pid > 0 && holder === `${pid} ${await startTime(pid)}`) {
        throw new StartupError(
          `${dataDir} is in use by another pkgserver (process ${pid}): stop it, or set DATA_DIR to another folder.`,
        );
      }
      await rm(file, { force: true });
    }
    throw new StartupError(`${file} could not be taken: several pkgserver processes are starting at once.`);
  }

  async release(): Promise<void> {
    await rm(this.file, { force: true });
  }
}

/** When the process was started, in whatever unit the system has; empty if there is no such process. */
async function startTime(pid: number): Promise<string> {
  if (process.platform !== 'linux') {
    const answer = await promisify(execFile)('ps', ['-o', 'lstart=', '-p', String(pid)]).catch(() => ({ stdout: '' }));
    return answer.stdout.trim().replaceAll(' ', '-');
  }
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The second field is the program's name in parentheses, which may hold anything; the start time is the 22nd.
  return status.slice(status.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}
