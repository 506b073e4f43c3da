import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Settings, StartupError } from './config.js';
import { makeDataFolder } from './data-folder.js';

/**
 * The keys of credentials, 32 bytes each: `CREDENTIALS_KEY`, else those kept in DATA_DIR, one made at the first start.
 * The first one seals; the others open what was sealed before.
 */
export async function readSealingKeys(
  settings: Pick<Settings, 'dataDir'> & Partial<Pick<Settings, 'credentialsKey'>>,
): Promise<[Buffer, ...Buffer[]]> {
  if (settings.credentialsKey !== undefined) return decode(settings.credentialsKey.split(','));
  const file = keyFile(settings);
  await makeDataFolder(settings.dataDir);
  if (!existsSync(file)) await makeKey(file);
  const keys = decode((await readFile(file, 'utf8')).trim().split(/\s+/));
  if (keys.some((key) => key.length !== 32)) {
    throw new StartupError(
      `${file} does not hold 32 bytes in base64 on each line: restore it, or set CREDENTIALS_KEY.`,
    );
  }
  return keys;
}

/** Whether a key is configured or kept in DATA_DIR; where neither is, {@link readSealingKeys} would make one. */
export const hasSealingKeys = (
  settings: Pick<Settings, 'dataDir'> & Partial<Pick<Settings, 'credentialsKey'>>,
): boolean => settings.credentialsKey !== undefined || existsSync(keyFile(settings));

const keyFile = ({ dataDir }: Pick<Settings, 'dataDir'>): string => join(dataDir, 'credentials.key');

/** There is always one: text that is split has a first part. */
const decode = (keys: string[]) => keys.map((key) => Buffer.from(key.trim(), 'base64')) as [Buffer, ...Buffer[]];

/** Written aside and linked into place: processes that start together all read the whole key of the first. */
async function makeKey(file: string): Promise<void> {
  const draft = `${file}.${process.pid}-${randomBytes(4).toString('hex')}`;
  await writeFile(draft, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600 });
  try {
    await link(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(draft);
  }
}
