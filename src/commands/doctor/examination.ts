import { join } from 'node:path';
import type { Config } from '../../config/config.js';
import { Database } from '../../database/database.js';
import { urlOfRunning } from '../../database/embedded-access.js';
import { lineOf } from '../../domain/message-of.js';
import { blobStore } from './blob-store.js';
import { type Check, failed, type Finding, type Installation, LIMIT_MS, type Need, warning } from './check.js';
import { clock } from './clock.js';
import { dataFolder } from './data-folder.js';
import { auditLog, connections, database, migrations, ways, writes } from './database.js';
import { gitHosts, nativeGit } from './git.js';
import { identityProvider } from './identity-provider.js';
import { replicas } from './replicas.js';
import { queueTables, redis } from './queue.js';
import { sealingKey } from './sealing.js';
import { retention, waiting, workers } from './work.js';

export type NamedFinding = Finding & { check: string };

/** All checks, in the order of their lines. The first two run first: what they find decides which of the others can run. */
const checksOf = (config: Config): [Check, Check, ...Check[]] => [
  ...([database, migrations] as const),
  ...[writes, ways, connections, replicas, auditLog],
  config.redisUrl === undefined ? queueTables : redis,
  ...[dataFolder, clock, nativeGit, gitHosts, identityProvider, sealingKey, blobStore, workers, waiting, retention],
];

/** Looks at everything; whatever hangs is given up after {@link LIMIT_MS}, and may hang on behind our back. */
export async function examine(config: Config): Promise<NamedFinding[]> {
  const on = await open(config);
  const [first, second, ...others] = checksOf(config);
  const reached = await lookAt(first, on);
  const migrated = isFine(reached) ? await lookAt(second, on) : [];
  const known: Need[] = ['nothing'];
  if (isFine(reached)) known.push('database');
  if (isFine(reached) && isFine(migrated)) known.push('tables');
  const found = await Promise.all(
    others.filter(({ needs }) => known.includes(needs)).map((check) => lookAt(check, on)),
  );
  const left = [second, ...others].filter(({ needs }) => !known.includes(needs));
  return [...reached, ...migrated, ...found.flat(), ...leftOut(left, known)];
}

function leftOut(checks: readonly Check[], known: readonly Need[]): NamedFinding[] {
  if (checks.length === 0) return [];
  const lacks = known.includes('database') ? 'all migrations' : 'a database that answers';
  const found = `${checks.map(({ name }) => name).join(', ')}: that needs ${lacks}.`;
  return [{ check: 'not looked at', ...warning(found, 'Put that right first, and look again.') }];
}

async function open(config: Config): Promise<Installation> {
  const { databaseUrl, databaseDirectUrl: directUrl, databaseOwnerUrl: ownerUrl, dataDir } = config;
  const url = databaseUrl ?? (await urlOfRunning(join(dataDir, 'postgres')));
  if (url === null) return { config, urls: null, database: null };
  const database = new Database({ url, directUrl, poolSize: 4, part: 'doctor' });
  return { config, urls: { databaseUrl: url, directUrl, ownerUrl }, database };
}

const isFine = (findings: readonly Finding[]): boolean => findings.every(({ status }) => status === 'ok');

async function lookAt(check: Check, on: Installation): Promise<NamedFinding[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Finding[]>((resolve) => {
    const finding = failed(
      `No answer came within ${LIMIT_MS / 1000} seconds.`,
      'See whether what is asked hangs, or something on the way to it.',
    );
    timer = setTimeout(() => resolve([finding]), LIMIT_MS);
  });
  try {
    const findings = await Promise.race([look(check, on), late]);
    return findings.map((finding) => ({ check: check.name, ...finding }));
  } catch (error) {
    const finding = failed(`It could not be looked at: ${lineOf(error)}`, 'Put that right, and look again.');
    return [{ check: check.name, ...finding }];
  } finally {
    clearTimeout(timer);
  }
}

async function look(check: Check, { config, urls, database }: Installation): Promise<Finding[]> {
  if (check.needs === 'nothing') return check.look({ config, urls, database });
  if (urls === null || database === null) throw new Error('There is no database.');
  return check.look({ config, urls, database });
}
