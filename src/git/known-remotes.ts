const MOST = 10_000;
const LIFE_MS = 60 * 60_000;

/**
 * Where remotes are that spoke protocol 2 when they were asked last, so that they are not asked each time. Bounded in
 * number and age.
 */
export class KnownRemotes {
  readonly #remotes = new Map<string, { base: string; until: number }>();

  /** The URL that requests of this remote go to; undefined when it has to be asked. */
  find(key: string): string | undefined {
    const known = this.#remotes.get(key);
    if (known !== undefined && known.until > Date.now()) return known.base;
    this.#remotes.delete(key);
    return undefined;
  }

  note(key: string, base: string): void {
    this.#remotes.delete(key);
    const [oldest] = this.#remotes.keys();
    if (this.#remotes.size >= MOST && oldest !== undefined) this.#remotes.delete(oldest);
    this.#remotes.set(key, { base, until: Date.now() + LIFE_MS });
  }

  forget(key: string): void {
    this.#remotes.delete(key);
  }
}
