import type { DatabaseVariable } from './connect.js';
import { migrate } from './migrate.js';
import { assertOtherRole, grantToService } from './service-role.js';
import { assertKeepsSession, assertSameDatabase } from './sessions.js';

/** The ways to one database. */
export interface DatabaseUrls {
  /** For all day; may be a pooler's that pools transactions, where {@link directUrl} is given. */
  databaseUrl: string;
  /** For what needs a session; undefined: `databaseUrl` is. */
  directUrl?: string | undefined;
  /** As the role that makes the tables; undefined: the service's own role does. */
  ownerUrl?: string | undefined;
}

/** The URL for what needs a session, and the variable that holds it. */
export const directOf = ({ databaseUrl, directUrl }: DatabaseUrls): [url: string, variable: DatabaseVariable] =>
  directUrl === undefined ? [databaseUrl, 'DATABASE_URL'] : [directUrl, 'DATABASE_DIRECT_URL'];

/** The URL of the role that makes tables, and the variable that holds it. */
export const ownerOf = (urls: DatabaseUrls): [url: string, variable: DatabaseVariable] =>
  urls.ownerUrl === undefined ? directOf(urls) : [urls.ownerUrl, 'DATABASE_OWNER_URL'];

/** Throws a StartupError where the URLs do not do what the service needs of them. */
export async function checkUrls(urls: DatabaseUrls): Promise<void> {
  await assertKeepsSession(...directOf(urls));
  if (urls.directUrl !== undefined) await assertSameDatabase(urls.databaseUrl, ...directOf(urls));
  if (urls.ownerUrl === undefined) return;
  await assertSameDatabase(urls.databaseUrl, ...ownerOf(urls));
  await assertKeepsSession(...ownerOf(urls));
  await assertOtherRole(urls.databaseUrl, urls.ownerUrl);
}

/** Has the database be as this version needs it; gives the names of the migrations that were applied. */
export async function prepareDatabase(urls: DatabaseUrls): Promise<string[]> {
  const [url, variable] = ownerOf(urls);
  const applied = await migrate(url, undefined, variable);
  if (urls.ownerUrl !== undefined) await grantToService(urls.ownerUrl, urls.databaseUrl);
  return applied;
}
