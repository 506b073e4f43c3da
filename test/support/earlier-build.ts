import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ROOT = resolve(import.meta.dirname, '../..');
/** Below node_modules, so that its packages are found: the commit needs the same ones as this checkout. */
const CACHE = join(ROOT, 'node_modules/.cache/earlier');
const SOURCES = [
  'src',
  'prisma',
  'package.json',
  'nest-cli.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'prisma.config.ts',
];

/** Whether this checkout has the commit: a shallow clone, or an archive, may not. */
export async function hasCommit(commit: string): Promise<boolean> {
  return run('git', ['cat-file', '-e', `${commit}^{commit}`], { cwd: ROOT }).then(
    () => true,
    () => false,
  );
}

/** Builds pkgserver as it was at the commit, unless that was done before; gives the folder that holds its `dist` and its `prisma`. */
export async function buildEarlier(commit: string): Promise<string> {
  const folder = join(CACHE, commit);
  if (existsSync(folder)) return folder;
  await mkdir(CACHE, { recursive: true });
  // It gets its name once it is whole.
  const making = await mkdtemp(join(CACHE, 'making-'));
  try {
    const archive = join(making, 'sources.tar');
    await run('git', ['archive', `--output=${archive}`, commit, ...SOURCES], { cwd: ROOT });
    await run('tar', ['-xf', archive, '-C', making]);
    await run('npm', ['run', 'build'], { cwd: making });
    await rename(making, folder);
  } finally {
    await rm(making, { recursive: true, force: true });
  }
  return folder;
}
