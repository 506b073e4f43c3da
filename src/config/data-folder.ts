import { access, constants, mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { StartupError } from './config.js';

/** Makes DATA_DIR, with what is above it. Throws StartupError where nothing can be written there. */
export async function makeDataFolder(folder: string): Promise<void> {
  try {
    await make(folder);
    await access(folder, constants.W_OK);
  } catch (error) {
    throw new StartupError(`DATA_DIR ${folder} cannot be used: ${(error as Error).message}.`, { cause: error });
  }
}

/**
 * Step by step: Node's own `recursive` never ends where a folder is there and still no name can be made in it (ENOENT), as in
 * `/proc` and below the mount point of an automounter.
 */
async function make(folder: string, isLastTry = false): Promise<void> {
  try {
    await mkdir(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && (await stat(folder)).isDirectory()) return;
    const above = dirname(folder);
    if (code !== 'ENOENT' || isLastTry || above === folder) throw error;
    await make(above);
    await make(folder, true);
  }
}
