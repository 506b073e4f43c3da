import fs from 'node:fs/promises';
import { join } from 'node:path';
import { adopt } from './native-fetch.js';
import type { RunInScratch } from './route.js';
import { borrowing, type ScratchFolders } from './scratch.js';

/** With more packs than this each look-up gets slow. */
const MAX_PACKS = 50;

export interface UpkeepOptions {
  scratch: ScratchFolders;
  run: RunInScratch;
  maxPacks?: number;
}

/**
 * Merges the packs of mirrors, in the background. Not by `git repack`: that would take in the objects that have a file
 * of their own, and those in a pack count as fetched.
 */
export class Upkeep {
  readonly #running = new Map<string, { done: Promise<void>; stop: AbortController }>();

  constructor(private readonly options: UpkeepOptions) {}

  /** Merges the packs of the mirror once there are many. Gives the work, which never fails: it is tried again next time. */
  look(mirror: string): Promise<void> {
    const running = this.#running.get(mirror);
    if (running) return running.done;
    const stop = new AbortController();
    const work = this.#merge(mirror, stop.signal).catch(() => undefined);
    const done = work.finally(() => this.#running.delete(mirror));
    this.#running.set(mirror, { done, stop });
    return done;
  }

  /** Ends the work on a mirror: a merged pack must not come to stand in the mirror that is made in its place. */
  async stop(mirror: string): Promise<void> {
    const running = this.#running.get(mirror);
    running?.stop.abort(new Error('The mirror is removed.'));
    await running?.done;
  }

  async #merge(mirror: string, signal: AbortSignal): Promise<void> {
    const folder = join(mirror, 'objects', 'pack');
    const packs = (await fs.readdir(folder)).filter((name) => name.endsWith('.pack'));
    if (packs.length <= (this.options.maxPacks ?? MAX_PACKS)) return;
    const sizes = await Promise.all(
      packs.map(async (name) => ({ name, size: (await fs.stat(join(folder, name))).size })),
    );
    const merged = smallOnes(sizes);
    if (merged.length < 2) return;
    await this.options.scratch.use(async (scratch) => {
      const args = [
        'pack-objects',
        '--stdin-packs',
        '--delta-base-offset',
        '--quiet',
        join(scratch.objects, 'pack', 'pack'),
      ];
      const route = { url: '', host: '', signedIn: false, settings: [], env: borrowing(mirror) };
      const { ok, stdout } = await this.options.run(scratch, route, { args, input: `${merged.join('\n')}\n`, signal });
      const made = `pack-${stdout.trim()}.pack`;
      if (!ok) return;
      signal.throwIfAborted();
      await adopt(scratch.objects, mirror);
      for (const name of merged) if (name !== made) await drop(folder, name);
    });
  }
}

/** The packs to merge so that each of those that stay is twice as large as all smaller ones together. */
export function smallOnes(packs: readonly { name: string; size: number }[]): string[] {
  const sorted = [...packs].sort((left, right) => left.size - right.size);
  let count = 0;
  let sum = 0;
  sorted.forEach(({ size }, index) => {
    if (size < 2 * sum) count = index + 1;
    sum += size;
  });
  return sorted.slice(0, count).map(({ name }) => name);
}

/** Readers go by the index, so that has to go first; one that has the pack open goes on reading. */
async function drop(folder: string, pack: string): Promise<void> {
  const stem = pack.slice(0, -'.pack'.length);
  for (const extension of ['.idx', '.rev', '.pack']) await fs.rm(join(folder, stem + extension), { force: true });
}
