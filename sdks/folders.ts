import { readFileSync } from 'node:fs';
import { access, mkdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/** This module runs from dist/sdks. */
const PROJECT = resolve(import.meta.dirname, '../..');

export const CONTRACT = join(PROJECT, 'openapi.yaml');
/** The programs that npm packages bring. */
export const PROGRAMS = join(PROJECT, 'node_modules/.bin');
/** What is copied beside a generated client: its walk, and the file that pins its dependencies. */
export const WALKS = join(PROJECT, 'sdks/walks');
/** One folder a client. It stays after the run, to be looked at. */
export const CLIENTS = join(PROJECT, 'dist-sdks');

/** The version of an npm package as `package-lock.json` pins it. */
export function packageVersion(name: string): string {
  const manifest = readFileSync(join(PROJECT, 'node_modules', name, 'package.json'), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}

const CACHE = join(PROJECT, 'node_modules/.cache/sdks');
const installations = new Map<string, Promise<string>>();

/**
 * Gives the folder that `install` has filled, in this run or in an earlier one. `name` holds the version of what is installed.
 * A folder whose installation was interrupted is made anew.
 */
export function installed(name: string, install: (folder: string) => Promise<unknown>): Promise<string> {
  const installation = installations.get(name) ?? installIfMissing(join(CACHE, name), install);
  installations.set(name, installation);
  return installation;
}

async function installIfMissing(folder: string, install: (folder: string) => Promise<unknown>): Promise<string> {
  const marker = join(folder, '.installed');
  if (await exists(marker)) return folder;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await install(folder);
  await writeFile(marker, '');
  return folder;
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
