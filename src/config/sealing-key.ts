import { randomBytes } from 'node:crypto';
import { access, link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Settings, StartupError } from './config.js';

/** The 32 bytes that seal credentials: `CREDENTIALS_KEY`, else the key kept in DATA_DIR, made at the first start. */
export async function readSealingKey(settings: Pick<Settings, 'credentialsKey' | 'dataDir'>): Promise<Buffer> {
  if (settings.credentialsKey !== undefined) return Buffer.from(settings.credentialsKey, 'base64');
  const file = join(settings.dataDir, 'credentials.key');
  await mkdir(settings.dataDir, { recursive: true });
  if (!(await exists(file))) await makeKey(file);
  const key = Buffer.from((await readFile(file, 'utf8')).trim(), 'base64');
  if (key.length !== 32) {
    throw new StartupError(`${file} does not hold 32 bytes in base64: restore it, or set CREDENTIALS_KEY.`);
  }
  return key;
}

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

const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );
