// Installs into a folder what the running service needs, and no more: node scripts/production-install.mjs FOLDER
// It takes the program from dist, so `npm run build` goes before it.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** `npm ci` takes the packages' own list; migrations are applied at the start of the service. */
const PARTS = ['package.json', 'package-lock.json', 'prisma/migrations', 'dist'];
/**
 * The Prisma command line, and all that it brings, is an optional peer of @prisma/client. The binaries of the embedded
 * PostgreSQL are optional dependencies: a deployed service has a server of its own.
 */
const NPM_CI = ['ci', '--omit=dev', '--omit=optional', '--ignore-scripts', '--no-audit', '--no-fund'];
/** @prisma/client brings its compiler of queries for five databases in two sizes; the generated client loads this one. */
const COMPILERS = 'query_compiler_';
const COMPILER_USED = 'query_compiler_fast_bg.postgresql.';
/** OpenTelemetry's packages hold each module three times; Node loads the one in `build/src`. */
const OTHER_BUILDS = ['esm', 'esnext'];
/** So do those of the client of S3, of which Node loads `dist-cjs`. */
const S3_PACKAGES = ['@aws-sdk', '@smithy'];
const OTHER_S3_BUILDS = ['dist-es', 'dist-types'];

export function installProduction(folder) {
  mkdirSync(folder, { recursive: true });
  for (const part of PARTS) cpSync(part, join(folder, part), { recursive: true });
  const { status, error } = spawnSync('npm', NPM_CI, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) throw error ?? new Error(`npm ci ended with status ${status}.`);
  const runtime = join(folder, 'node_modules', '@prisma', 'client', 'runtime');
  for (const name of readdirSync(runtime)) {
    if (name.startsWith(COMPILERS) && !name.startsWith(COMPILER_USED)) rmSync(join(runtime, name));
  }
  const modules = join(folder, 'node_modules');
  prune(
    join(modules, '@opentelemetry'),
    OTHER_BUILDS.map((build) => join('build', build)),
  );
  for (const scope of S3_PACKAGES) prune(join(modules, scope), OTHER_S3_BUILDS);
}

/** Removes these folders of each package of a scope. */
function prune(scope, builds) {
  for (const name of readdirSync(scope)) {
    for (const build of builds) rmSync(join(scope, name, build), { recursive: true, force: true });
  }
}

if (import.meta.filename === process.argv[1]) {
  const folder = process.argv[2];
  if (folder === undefined) throw new Error('Say into which folder.');
  installProduction(resolve(folder));
}
