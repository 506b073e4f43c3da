import { randomBytes } from 'node:crypto';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Database } from '../database/database.js';
import { uuidv7 } from '../domain/uuid.js';
import { hashOf, newSecret, writeToken } from './api-token.js';

/** Whom the first token stands for. No user's name holds a colon, so nobody can sign in as this one otherwise. */
const FIRST_ADMIN = 'pkgserver:admin';

const DAYS = 24 * 60 * 60 * 1000;
const LIFETIME_MS = 90 * DAYS;

/**
 * Makes a token of an administrator where nobody could sign in as one, at the first start above all, and writes it to
 * `<dataDir>/admin-token` (mode 0600). Returns that file, or null where there was nothing to do.
 */
export async function ensureFirstToken(database: Database, dataDir: string, now = new Date()): Promise<string | null> {
  return database.transaction(async () => {
    // When several processes start together, the first one makes the token, and the others wait and find it.
    await database.lockName('access/first-token');
    if (await hasAdministrator(database, now)) return null;
    const id = uuidv7();
    const secret = newSecret();
    const file = join(dataDir, 'admin-token');
    const created = { createdAt: now, createdBy: FIRST_ADMIN };
    await database.client.apiToken.create({
      data: {
        id,
        description: 'The first administrator. Give roles to people, then revoke it.',
        secretHash: new Uint8Array(hashOf(secret)),
        user: FIRST_ADMIN,
        expiresAt: new Date(now.getTime() + LIFETIME_MS),
        ...created,
      },
    });
    const binding = { role: 'admin', subjectType: 'user', subject: FIRST_ADMIN } as const;
    if ((await database.client.roleBinding.count({ where: binding })) === 0) {
      await database.client.roleBinding.create({ data: { id: uuidv7(), ...binding, ...created } });
    }
    // Before the commit: a token that nobody was told of would lock everyone out.
    await writePrivately(file, `${writeToken({ id, secret })}\n`);
    return file;
  });
}

/** Returns whether anybody can administrate: a user or group has the role, or the first administrator's token still works. */
async function hasAdministrator(database: Database, now: Date): Promise<boolean> {
  const admins = await database.client.roleBinding.findMany({ where: { role: 'admin' }, select: { subject: true } });
  if (admins.some(({ subject }) => subject !== FIRST_ADMIN)) return true;
  if (admins.length === 0) return false;
  const usable = { user: FIRST_ADMIN, revokedAt: null, expiresAt: { gt: now } };
  return (await database.client.apiToken.count({ where: usable })) > 0;
}

/** Writes the file whole or not at all, and never readable for other users. */
async function writePrivately(file: string, content: string): Promise<void> {
  const draft = `${file}.${process.pid}-${randomBytes(4).toString('hex')}`;
  await writeFile(draft, content, { mode: 0o600, flag: 'wx' });
  await rename(draft, file);
}
