import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { StartupError } from '../config/config.js';

const run = promisify(execFile);

interface Ids {
  uid: number;
  gid: number;
}

/** Whom PostgreSQL runs as. */
export interface PostgresUser {
  /** Who must own its files; undefined: whoever runs this process. */
  owner?: Ids;
  /** The command to put before PostgreSQL's own, and the options to spawn it with. */
  prefix: string[];
  spawnAs: Partial<Ids>;
}

/**
 * PostgreSQL refuses to run as root. When this process is root it runs as the system user `postgres`, made if missing.
 * `folder` and `program` are what that user must be able to reach; below a folder closed to it (such as root's home)
 * it is given the right to pass, where the system allows that.
 */
export async function choosePostgresUser(folder: string, program: string): Promise<PostgresUser> {
  if (process.getuid?.() !== 0) return { prefix: [], spawnAs: {} };
  const owner = (await findIds()) ?? (await createUser());
  const identity = [`--reuid=${owner.uid}`, `--regid=${owner.gid}`, '--clear-groups'];
  // Without the securebit, access(2) disregards the capability, and PostgreSQL does not find itself.
  const privileges = ['--inh-caps=+dac_override', '--ambient-caps=+dac_override', '--securebits=+no_setuid_fixup'];
  const candidates: PostgresUser[] = [
    { owner, prefix: [], spawnAs: owner },
    { owner, prefix: ['setpriv', ...identity, ...privileges], spawnAs: {} },
  ];
  for (const user of candidates) if (await canReach(user, folder, program)) return user;
  throw new StartupError(
    `As root, the embedded PostgreSQL runs as the user "postgres", who cannot enter ${folder} or read ${program}: ` +
      'give others the right to enter the folders above (chmod o+x), start pkgserver as another user, or set DATABASE_URL.',
  );
}

async function canReach(user: PostgresUser, folder: string, program: string): Promise<boolean> {
  const [command, ...rest] = [...user.prefix, 'sh', '-c', 'cd "$1" && "$2" --version', 'sh', folder, program];
  return run(command, rest, { ...user.spawnAs, cwd: '/' }).then(
    () => true,
    () => false,
  );
}

async function findIds(): Promise<Ids | undefined> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', 'postgres']), run('id', ['-g', 'postgres'])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return undefined;
  }
}

async function createUser(): Promise<Ids> {
  const options = ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', 'postgres'];
  const failure = await run('useradd', options).then(
    () => undefined,
    (error: unknown) => error,
  );
  // Also when useradd failed: another process may have been first.
  const ids = await findIds();
  if (ids) return ids;
  throw new StartupError(
    'PostgreSQL does not run as root, and the user "postgres" could not be made: ' +
      'start pkgserver as another user, or set DATABASE_URL.',
    { cause: failure },
  );
}
