const MOST = 20_000;
const LIFE_MS = 60 * 60_000;

/** What a service of a remote said of itself when it was asked last. */
export interface KnownService {
  /** The URL that requests go to. */
  base: string;
  /** By name. */
  capabilities: ReadonlySet<string>;
}

/** Services of remotes that were asked a while ago, so that they are not asked each time. Bounded in number and age. */
export class KnownRemotes {
  readonly #services = new Map<string, KnownService & { until: number }>();

  /** Undefined when the remote has to be asked. */
  find(key: string): KnownService | undefined {
    const known = this.#services.get(key);
    if (known !== undefined && known.until > Date.now()) return known;
    this.#services.delete(key);
    return undefined;
  }

  note(key: string, service: KnownService): void {
    this.#services.delete(key);
    const [oldest] = this.#services.keys();
    if (this.#services.size >= MOST && oldest !== undefined) this.#services.delete(oldest);
    this.#services.set(key, { ...service, until: Date.now() + LIFE_MS });
  }

  forget(key: string): void {
    this.#services.delete(key);
  }
}
