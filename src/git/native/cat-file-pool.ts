import { CatFile } from './cat-file.js';

const MAX_CHILDREN = 8;
const IDLE_MS = 30_000;

interface Pooled {
  child: CatFile;
  idle: NodeJS.Timeout;
}

/** The children of the mirrors that were read last: a visit opens its mirror anew, and finds the child of the one before. */
export class CatFilePool {
  /** By the path of the mirror; the one used last comes last. */
  readonly #pooled = new Map<string, Pooled>();

  constructor(
    private readonly env: Record<string, string>,
    private readonly maxChildren = MAX_CHILDREN,
    private readonly idleMs = IDLE_MS,
  ) {}

  get(mirror: string): CatFile {
    const known = this.#pooled.get(mirror);
    if (known) {
      this.#pooled.delete(mirror);
      this.#pooled.set(mirror, known);
      known.idle.refresh();
      return known.child;
    }
    const child: CatFile = new CatFile(mirror, this.env, () => {
      if (this.#pooled.get(mirror)?.child === child) this.#forget(mirror);
    });
    const idle = setTimeout(() => {
      if (child.open > 0) idle.refresh();
      else this.remove(mirror);
    }, this.idleMs).unref();
    this.#pooled.set(mirror, { child, idle });
    this.#makeRoom();
    return child;
  }

  /** Ends the child of a mirror; what it was asked and has not answered fails. */
  remove(mirror: string): void {
    const known = this.#pooled.get(mirror);
    if (!known) return;
    this.#forget(mirror);
    known.child.close();
  }

  close(): void {
    for (const mirror of [...this.#pooled.keys()]) this.remove(mirror);
  }

  /** One that is being read stays, even beyond the limit: the visits at a time are bounded as well. */
  #makeRoom(): void {
    for (const [mirror, { child }] of [...this.#pooled].slice(0, -1)) {
      if (this.#pooled.size <= this.maxChildren) return;
      if (child.open === 0) this.remove(mirror);
    }
  }

  #forget(mirror: string): void {
    clearTimeout(this.#pooled.get(mirror)?.idle);
    this.#pooled.delete(mirror);
  }
}
