// Shows that the service runs from a production install, and how large that is: npm run production:check
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EmbeddedPostgres } from '../dist/database/embedded-postgres.js';
import { freePort } from '../dist/database/free-port.js';
import { installProduction } from './production-install.mjs';

const MOST_MEGABYTES = 200;
const START_MS = 120_000;
/** Pages whose packages are not all loaded at the start. */
const PAGES = ['/health/ready', '/openapi.yaml', '/docs', '/metrics'];

const NOBODY = {
  OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
  BLOB_STORE_URL: 's3://nobody',
  AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:9',
  AWS_REGION: 'nowhere',
  AWS_ACCESS_KEY_ID: 'nobody',
  AWS_SECRET_ACCESS_KEY: 'nothing',
};

const root = await mkdtemp(join(tmpdir(), 'pkgserver-production-'));
let postgres;
let service;
try {
  const folder = join(root, 'service');
  installProduction(folder);
  const sizes = {
    node_modules: await bytesOf(join(folder, 'node_modules')),
    dist: await bytesOf(join(folder, 'dist')),
  };
  const megabytes = (sizes.node_modules + sizes.dist) / 1e6;
  for (const [name, bytes] of Object.entries(sizes)) console.log(`${name}: ${(bytes / 1e6).toFixed(1)} MB`);
  postgres = await EmbeddedPostgres.start(join(root, 'database'));
  await startAndAsk(folder, postgres.url);
  if (megabytes > MOST_MEGABYTES)
    throw new Error(`The install has ${megabytes.toFixed(1)} MB, more than ${MOST_MEGABYTES}.`);
  console.log(`The service runs from an install of ${megabytes.toFixed(1)} MB.`);
} finally {
  if (service) await end(service);
  await postgres?.stop();
  await rm(root, { recursive: true, force: true });
}

/** Starts the service on a PostgreSQL from outside of the install. */
async function startAndAsk(folder, url) {
  const port = await freePort();
  const { PATH } = process.env;
  const env = { PATH, NODE_ENV: 'production', DATABASE_URL: url, DATA_DIR: join(root, 'data'), PORT: String(port) };
  service = spawn(process.execPath, ['dist/main.js'], {
    cwd: folder,
    // A collector and a bucket that nobody is behind: OpenTelemetry and the client of S3 are loaded all the same.
    env: { ...env, ...NOBODY, LOG_LEVEL: 'warn' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  service.stdout.pipe(process.stdout);
  const base = `http://127.0.0.1:${port}`;
  const isUp = () =>
    fetch(`${base}/health/ready`).then(
      (answer) => answer.ok,
      () => false,
    );
  for (const deadline = Date.now() + START_MS; !(await isUp()); await sleep(200)) {
    if (service.exitCode !== null || Date.now() > deadline) throw new Error('The service did not start.');
  }
  for (const page of PAGES) {
    const { status } = await fetch(base + page);
    console.log(`${page}: ${status}`);
    // Metrics are for those who sign in.
    if (status !== 200 && !(page === '/metrics' && status === 401)) throw new Error(`${page} answers with ${status}.`);
  }
}

async function end(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}

/** What the files take up on the disk. */
async function bytesOf(folder) {
  let bytes = 0;
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) bytes += await bytesOf(path);
    else if (entry.isFile()) bytes += (await stat(path)).blocks * 512;
  }
  return bytes;
}
