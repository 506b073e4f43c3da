import fs from 'node:fs/promises';
import { join } from 'node:path';
import { GitError } from '../port.js';
import type { Scratch } from './scratch.js';

/** How many haves go with a fetch: more make the exchange longer and the answer hardly shorter. */
const MAX_ANCHORS = 256;

export const FETCH = [
  'fetch',
  '--stdin',
  '--quiet',
  '--no-tags',
  '--no-write-fetch-head',
  '--no-auto-maintenance',
  '--no-recurse-submodules',
  '--no-show-forced-updates',
  '--end-of-options',
] as const;

/**
 * Gives a fetch refs to what the mirror holds. git offers them to the remote as haves, and its check that all is there
 * ends at them: without refs it would walk the whole history each time.
 */
export async function anchor({ folder }: Scratch, haves: readonly string[]): Promise<void> {
  const lines = haves.slice(0, MAX_ANCHORS).map((oid, index) => `${oid} refs/anchors/${index}\n`);
  await fs.writeFile(join(folder, 'packed-refs'), lines.join(''));
}

/** Throws GitError `tooLarge` when more has arrived than may. */
export async function assertSize({ objects }: Scratch, maxBytes: number): Promise<void> {
  let bytes = 0;
  for (const name of await fs.readdir(join(objects, 'pack'))) {
    if (!/^tmp_pack|\.pack$/.test(name)) continue;
    bytes += (await fs.stat(join(objects, 'pack', name)).catch(() => null))?.size ?? 0;
  }
  if (bytes > maxBytes) throw new GitError('tooLarge', `The remote sends more than ${maxBytes} bytes.`);
}

/** Puts packs that are whole into the mirror. */
export async function adopt(objects: string, mirror: string): Promise<void> {
  const names = (await fs.readdir(join(objects, 'pack'))).filter((name) =>
    /^pack-[0-9a-f]+\.(pack|rev|idx)$/.test(name),
  );
  // Readers go by the index, so that has to come last.
  const ordered = [...names.filter((name) => !name.endsWith('.idx')), ...names.filter((name) => name.endsWith('.idx'))];
  for (const name of ordered) await fs.rename(join(objects, 'pack', name), join(mirror, 'objects', 'pack', name));
}
