import { once } from 'node:events';
import { access, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { git as runGit } from '../../test/support/git-command.js';
import { GitServer } from '../../test/support/git-server.js';
import { ADMIN, ApiClient } from './api-client.js';
import { freePort, PkgserverProcess } from './pkgserver-process.js';
import { writeSampleCatalog } from './sample-catalog.js';
import { terminal } from './terminal.js';
import { walk } from './walk.js';

/** Ctrl-C and the like; pkgserver's untimely end. Whatever is under way stops, and everything is tidied up. */
const ending = new AbortController();
let interrupted = false;
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(name, () => {
    interrupted = true;
    ending.abort();
  });
}

const started: (() => Promise<void>)[] = [];
try {
  await demonstrate(ending.signal);
} catch (error) {
  process.exitCode = interrupted ? 130 : 1;
  // When pkgserver was lost, why is in the signal; the request that failed of it says less.
  const cause: unknown = ending.signal.aborted ? ending.signal.reason : error;
  if (!interrupted) terminal.error(cause instanceof Error ? cause.message : String(cause));
} finally {
  for (const stop of started.reverse()) await stop();
}

async function demonstrate(signal: AbortSignal): Promise<void> {
  const wanted = Number(process.env.PORT || 8080);
  if (!(wanted >= 0 && wanted <= 65_535)) throw new Error(`PORT ${process.env.PORT} is no port.`);
  await requireGit();
  const folder = await mkdtemp(join(tmpdir(), 'pkgserver-demo-'));
  started.push(() => rm(folder, { recursive: true, force: true }));
  const git = await GitServer.start();
  started.push(() => git.stop());
  const blueprints = await git.createRepository('blueprints', { empty: true });
  await writeSampleCatalog(blueprints.path);
  const fleet = await git.createRepository('fleet', { empty: true });
  terminal.title('pkgserver demo: from a blueprint to a published deployment');
  terminal.table([
    ['Catalog', blueprints.url, 'three small packages'],
    ['Deployments', fleet.url, 'empty'],
  ]);

  const port = await freePort(wanted);
  if (port !== wanted && wanted !== 0) terminal.lines([`Port ${wanted} is taken; pkgserver listens on ${port}.`]);
  const pkgserver = await PkgserverProcess.spawn(folder, port, (error) => ending.abort(error));
  started.push(() => pkgserver.stop());
  terminal.lines([`Starting pkgserver on ${pkgserver.url}, with a PostgreSQL of its own …`]);
  await pkgserver.ready(signal);

  const api = new ApiClient(pkgserver.url, signal);
  api.signIn(ADMIN, (await readFile(pkgserver.adminTokenFile, 'utf8')).trim());
  await walk({ api, signal, catalogUrl: blueprints.url, fleet });
  if (process.argv.includes('--exit')) return;
  terminal.title('It stays up until Ctrl-C:');
  terminal.table([
    ['Swagger UI', `${pkgserver.url}/docs`],
    ['API', `${pkgserver.url}/api/v1`],
    ['Sign in', `with the token in ${pkgserver.adminTokenFile}`],
    ['Git', `git clone ${fleet.url}`],
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
