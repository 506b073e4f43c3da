import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Plugin } from 'vite';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The built program, in one file. */
    program: string;
  }
}

const ROOT = resolve(import.meta.dirname, '../..');
/** What `dist/main.js` loads, once Node.js is new enough. */
const PROGRAM = join(ROOT, 'dist/program.js');
/** Below node_modules, so that packages which stay outside are found. */
const CACHE = join(ROOT, 'node_modules/.cache');

/**
 * Optional parts of packages, which are not installed; a package that serves files which lie beside it; and one that few processes
 * load: what it shares with the program would be loaded before the program's first import.
 */
const OUTSIDE = [
  /^@nestjs\/(microservices|websockets)/,
  /^class-(validator|transformer)/,
  /^(pg-native|msgpackr-extract|@fastify\/view|swagger-ui-dist)$/,
  /^@aws-sdk\//,
];

/** Migrations, threads and the like are found from where a module was built. */
const whereItWasBuilt: Plugin = {
  name: 'where-it-was-built',
  transform: {
    filter: { code: 'import.meta.url' },
    handler: (code, id) => code.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(id).href)),
  },
};

/**
 * Puts the built program with its packages into one file: a suite starts it more than a hundred times, and to load two
 * thousand files takes most of the CPU time of a start.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env.TEST_PROGRAM;
  if (given !== undefined) {
    project.provide('program', given);
    return async () => undefined;
  }
  if (!existsSync(PROGRAM)) throw new Error('There is no dist/program.js: run `npm run build` first.');
  await mkdir(CACHE, { recursive: true });
  const folder = await mkdtemp(join(CACHE, 'program-'));
  await build({
    configFile: false,
    root: ROOT,
    logLevel: 'warn',
    plugins: [whereItWasBuilt],
    ssr: { noExternal: true },
    build: {
      ssr: PROGRAM,
      outDir: folder,
      target: 'node20',
      minify: false,
      // Nest and the log call classes by their names.
      rolldownOptions: { external: OUTSIDE, output: { keepNames: true } },
    },
  });
  const program = join(folder, 'program.js');
  // The next project of this run takes the same program.
  process.env.TEST_PROGRAM = program;
  project.provide('program', program);
  return () => rm(folder, { recursive: true, force: true });
}
