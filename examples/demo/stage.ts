import { once } from 'node:events';
import { access, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { git as runGit } from '../../test/support/git-command.js';
import { GitServer } from '../../test/support/git-server.js';
import { ADMIN, ApiClient } from './api-client.js';
import { freePort, PkgserverProcess } from './pkgserver-process.js';
import { terminal } from './terminal.js';

/** What a demo plays with. */
export interface Stage {
  api: ApiClient;
  /** The remotes; nobody but this machine reaches them. */
  git: GitServer;
  /** Ends the demo between two steps. */
  signal: AbortSignal;
  /** Where pkgserver is, without a path. */
  url: string;
}

/** Rows that the reader may go on with once the demo has been played. */
export type Leads = readonly (readonly [string, string])[];

/** Ctrl-C and the like; pkgserver's untimely end. Whatever is under way stops, and everything is tidied up. */
const ending = new AbortController();
let interrupted = false;

/** Starts a Git server and pkgserver, plays, and stays up until Ctrl-C unless `--exit` was asked for. Leaves nothing behind. */
export async function demonstrate(title: string, play: (stage: Stage) => Promise<Leads>): Promise<void> {
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      interrupted = true;
      ending.abort();
    });
  }
  const started: (() => Promise<void>)[] = [];
  try {
    await perform(title, play, started);
  } catch (error) {
    process.exitCode = interrupted ? 130 : 1;
    // When pkgserver was lost, why is in the signal; the request that failed of it says less.
    const cause: unknown = ending.signal.aborted ? ending.signal.reason : error;
    if (!interrupted) terminal.error(cause instanceof Error ? cause.message : String(cause));
  } finally {
    for (const stop of started.reverse()) await stop();
  }
}

async function perform(
  title: string,
  play: (stage: Stage) => Promise<Leads>,
  started: (() => Promise<void>)[],
): Promise<void> {
  const { signal } = ending;
  const wanted = Number(process.env.PORT || 8080);
  if (!(wanted >= 0 && wanted <= 65_535)) throw new Error(`PORT ${process.env.PORT} is no port.`);
  await requireGit();
  const folder = await mkdtemp(join(tmpdir(), 'pkgserver-demo-'));
  started.push(() => rm(folder, { recursive: true, force: true }));
  const git = await GitServer.start();
  started.push(() => git.stop());
  terminal.title(title);

  const port = await freePort(wanted);
  if (port !== wanted && wanted !== 0) terminal.lines([`Port ${wanted} is taken; pkgserver listens on ${port}.`]);
  const pkgserver = await PkgserverProcess.spawn(folder, port, (error) => ending.abort(error));
  started.push(() => pkgserver.stop());
  const { url } = pkgserver;
  terminal.lines([`Starting pkgserver on ${url}, with a PostgreSQL of its own …`]);
  await pkgserver.ready(signal);

  const api = new ApiClient(url, signal);
  api.signIn(ADMIN, (await readFile(pkgserver.adminTokenFile, 'utf8')).trim());
  const leads = await play({ api, git, signal, url });
  if (process.argv.includes('--exit')) return;
  terminal.title('It stays up until Ctrl-C:');
  terminal.table([
    ['Swagger UI', `${url}/docs`],
    ['API', `${url}/api/v1`],
    ['Sign in', `with the token in ${pkgserver.adminTokenFile}`],
    ...leads,
    ['Log', pkgserver.log],
  ]);
  if (!signal.aborted) await once(signal, 'abort');
  if (!interrupted) throw ending.signal.reason;
}

/** Git's own HTTP server is a part of Git that some systems package apart. */
async function requireGit(): Promise<void> {
  try {
    const programs = (await runGit(['--exec-path'])).toString().trim();
    await access(join(programs, 'git-http-backend'));
  } catch {
    throw new Error('It needs Git with its http-backend (on Alpine Linux: apk add git git-daemon).');
  }
}
