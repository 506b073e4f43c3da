import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A `git` for a PATH that keeps a record of how it is called, looks at the files meanwhile, and does as git does. */
export class RecordedGit {
  private constructor(private readonly folder: string) {}

  /** `watched` is a folder that must not hold the secret while git runs. */
  static async create(watched: string, secrets: readonly string[]): Promise<RecordedGit> {
    const folder = await mkdtemp(join(tmpdir(), 'recorded-git-'));
    await mkdir(join(folder, 'bin'));
    await writeFile(join(folder, 'secrets'), secrets.map((secret) => `${secret}\n`).join(''));
    const git = execFileSync('sh', ['-c', 'command -v git']).toString().trim();
    // Git's own trace tells of all programs that it starts, with their arguments.
    const script = `#!/bin/sh
printf '%s\\n' "$@" >> ${folder}/arguments
echo $$ >> ${folder}/groups
env | cut -d= -f1 >> ${folder}/variables
grep -rlFf ${folder}/secrets ${watched} >> ${folder}/leaks
GIT_TRACE=${folder}/trace ${git} "$@"
status=$?
grep -rlFf ${folder}/secrets ${watched} >> ${folder}/leaks
exit $status
`;
    await writeFile(join(folder, 'bin', 'git'), script);
    await chmod(join(folder, 'bin', 'git'), 0o755);
    return new RecordedGit(folder);
  }

  get searchPath(): string {
    return `${join(this.folder, 'bin')}:${process.env.PATH ?? ''}`;
  }

  /** All arguments of git and of what it started, as text. */
  async arguments(): Promise<string> {
    return (await this.#read('arguments')) + (await this.#read('trace'));
  }

  /** Names of files with a secret in them. */
  leaks(): Promise<string> {
    return this.#read('leaks');
  }

  async variables(): Promise<Set<string>> {
    return new Set((await this.#read('variables')).split('\n').filter(Boolean));
  }

  /** How many processes of the groups that git led are still there; those that read mirrors stay for a while. */
  async alive({ readers = true } = {}): Promise<number> {
    const groups = new Set((await this.#read('groups')).split('\n').filter(Boolean));
    let alive = 0;
    for (const pid of await readdir('/proc')) {
      const stat = /^\d+$/.test(pid) ? await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '') : '';
      // After the name, which may hold anything: state, parent, group. A dead one waits for its parent as a Z.
      const [state = 'Z', , group = ''] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (state === 'Z' || !groups.has(group)) continue;
      const command = await readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '');
      if (readers || !command.includes('cat-file')) alive += 1;
    }
    return alive;
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }

  #read(name: string): Promise<string> {
    return readFile(join(this.folder, name), 'utf8').catch(() => '');
  }
}
