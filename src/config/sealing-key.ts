import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Settings, StartupError } from './config.js';

/** The 32 bytes that seal credentials: `CREDENTIALS_KEY`, else the key kept in DATA_DIR, made at the first start. */
export async function readSealingKey(settings: Pick<Settings, 'credentialsKey' | 'dataDir'>): Promise<Buffer> {
  if (settings.credentialsKey !== undefined) return Buffer.from(settings.credentialsKey, 'base64');
  const file = join(settings.dataDir, 'credentials.key');
  await mkdir(settings.dataDir, { recursive: true });
  const made = `${randomBytes(32).toString('base64')}\n`;
  // `wx` never replaces a key: of two processes that start together, both read the one that was first.
  await writeFile(file, made, { flag: 'wx', mode: 0o600 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  const key = Buffer.from((await readFile(file, 'utf8')).trim(), 'base64');
  if (key.length !== 32) {
    throw new StartupError(`${file} does not hold 32 bytes in base64: restore it, or set CREDENTIALS_KEY.`);
  }
  return key;
}
