import { randomUUID } from 'node:crypto';
import fs from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

/** No operation takes this long, so what is older was left behind. */
const STALE_MS = 60 * 60 * 1000;

/** A bare repository without refs and objects, for one operation. */
export interface Scratch {
  /** As GIT_DIR. */
  folder: string;
  objects: string;
}

/** Private folders that last for one operation: what arrives is looked at before a mirror gets it, and keys lie nowhere else. */
export class ScratchFolders {
  readonly #uses = new Set<Promise<unknown>>();

  private constructor(
    private readonly root: string,
    /** An empty folder. */
    readonly home: string,
  ) {}

  /** Removes what dead processes left behind. */
  static async open(root: string): Promise<ScratchFolders> {
    const folders = new ScratchFolders(join(root, 'run'), join(root, 'home'));
    await fs.mkdir(folders.root, { recursive: true, mode: 0o700 });
    await fs.mkdir(folders.home, { recursive: true, mode: 0o700 });
    for (const name of await fs.readdir(folders.root)) {
      const path = join(folders.root, name);
      if (await isLeftover(path, name)) await fs.rm(path, { recursive: true, force: true });
    }
    return folders;
  }

  use<T>(work: (scratch: Scratch) => Promise<T>): Promise<T> {
    const use = this.#use(work).finally(() => this.#uses.delete(use));
    this.#uses.add(use);
    return use;
  }

  /** Once nothing is under way any more. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.#uses);
  }

  async #use<T>(work: (scratch: Scratch) => Promise<T>): Promise<T> {
    const folder = join(this.root, `${process.pid}@${hostname()}@${randomUUID()}`);
    const objects = join(folder, 'objects');
    try {
      // Also where DATA_DIR was emptied, or put in place anew, meanwhile.
      await fs.mkdir(folder, { recursive: true, mode: 0o700 });
      await fs.mkdir(join(objects, 'pack'), { recursive: true });
      await fs.mkdir(join(folder, 'refs'));
      await fs.writeFile(join(folder, 'HEAD'), 'ref: refs/heads/main\n');
      return await work({ folder, objects });
    } finally {
      await fs.rm(folder, { recursive: true, force: true, maxRetries: 3 });
    }
  }
}

/** Lets a scratch repository read the objects of a mirror. In quotes, because a colon would begin another folder. */
export function borrowing(mirror: string): Record<string, string> {
  const objects = join(mirror, 'objects').replace(/["\\]/g, '\\$&');
  return { GIT_ALTERNATE_OBJECT_DIRECTORIES: `"${objects}"` };
}

async function isLeftover(path: string, name: string): Promise<boolean> {
  const [pid, host] = name.split('@');
  // At the start this process has made none yet: one with its number is from the life before (in containers, always 1).
  if (host === hostname() && (Number(pid) === process.pid || !isAlive(Number(pid)))) return true;
  const found = await fs.stat(path).catch(() => null);
  return found === null || Date.now() - found.mtimeMs > STALE_MS;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
