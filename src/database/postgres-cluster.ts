import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { StartupError } from '../config/config.js';
import type { PostgresBinaries } from './postgres-binaries.js';
import type { PostgresUser } from './postgres-user.js';

/** Owns everything: migrations run as this one. */
export const SUPERUSER = 'pkgserver';
/** Whom the service works as. */
export const SERVICE_ROLE = 'pkgserver_service';

/** Where one embedded PostgreSQL keeps its files, and what it takes to start it. */
export interface Cluster {
  /** PostgreSQL's own data folder. */
  data: string;
  log: string;
  password: string;
  servicePassword: string;
  binaries: PostgresBinaries;
  user: PostgresUser;
}

/** Opens the cluster in `folder`, made at the first call. */
export async function openCluster(folder: string, binaries: PostgresBinaries, user: PostgresUser): Promise<Cluster> {
  const data = join(folder, 'cluster');
  const password = await readPassword(join(folder, 'password'));
  const servicePassword = await readPassword(join(folder, 'service-password'));
  const cluster = { data, log: join(folder, 'server.log'), password, servicePassword, binaries, user };
  if (!existsSync(data)) await initialise(cluster, folder);
  return cluster;
}

async function readPassword(file: string): Promise<string> {
  const password = randomBytes(24).toString('base64url');
  await writeFile(file, password, { flag: 'wx', mode: 0o600 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  return readFile(file, 'utf8');
}

/** Made aside and moved into place, so that a first start that is cut off leaves nothing half-made. */
async function initialise({ data, password, binaries, user }: Cluster, folder: string): Promise<void> {
  const draft = join(folder, 'cluster.new');
  const passwordFile = join(folder, 'cluster.password');
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { mode: 0o700 });
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (user.owner) {
    await chown(draft, user.owner.uid, user.owner.gid);
    await chown(passwordFile, user.owner.uid, user.owner.gid);
  }
  const [command, ...rest] = [
    ...user.prefix,
    binaries.initdb,
    `--pgdata=${draft}`,
    `--pwfile=${passwordFile}`,
    `--username=${SUPERUSER}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
  ];
  try {
    await promisify(execFile)(command, rest, { ...user.spawnAs, cwd: folder });
  } catch (error) {
    const reason = (error as { stderr?: string }).stderr?.trim().split('\n').pop() || String(error);
    throw new StartupError(`The embedded PostgreSQL could not be set up in ${folder}: ${reason}`, { cause: error });
  } finally {
    await rm(passwordFile, { force: true });
  }
  await rename(draft, data);
}
