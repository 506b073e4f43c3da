export interface KeptValueOptions {
  /** How old a value may get before it is loaded again. */
  maxAgeMs: number;
  /** The least time from one attempt to the next, whether it succeeded or not. */
  cooldownMs: number;
  onFailure: (error: unknown) => void;
}

/** A value from another server, which stays in use when that server cannot be asked. */
export class KeptValue<Value extends object> {
  #value: Value | undefined;
  #loadedAt = -Infinity;
  #triedAt = -Infinity;
  /** Why the last attempt failed. */
  #failure: unknown;
  #pending: Promise<void> | undefined;

  constructor(
    private readonly load: () => Promise<Value>,
    private readonly options: KeptValueOptions,
  ) {}

  /** The value, loaded again when it is old; throws what `load` threw when there is none at all. */
  async current(): Promise<Value> {
    if (performance.now() - this.#loadedAt > this.options.maxAgeMs) {
      const attempt = this.#attempt();
      // While the server is known to be away, callers get the old value without waiting for the next attempt.
      if (this.#value === undefined || this.#failure === undefined) await attempt;
    }
    if (this.#value === undefined) throw this.#failure;
    return this.#value;
  }

  /** The value, loaded again unless that was done within the cooldown; throws when the last attempt failed. */
  async renewed(): Promise<Value> {
    await this.#attempt();
    if (this.#value === undefined || this.#failure !== undefined) throw this.#failure;
    return this.#value;
  }

  /** Makes one attempt at a time, which all callers share. Never rejects. */
  #attempt(): Promise<void> {
    if (this.#pending) return this.#pending;
    if (performance.now() - this.#triedAt < this.options.cooldownMs) return Promise.resolve();
    this.#pending = this.#reload().finally(() => {
      this.#triedAt = performance.now();
      this.#pending = undefined;
    });
    return this.#pending;
  }

  async #reload(): Promise<void> {
    try {
      this.#value = await this.load();
      this.#loadedAt = performance.now();
      this.#failure = undefined;
    } catch (error) {
      this.#failure = error;
      this.options.onFailure(error);
    }
  }
}
