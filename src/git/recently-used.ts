/** Keeps the values that were used last, up to a weight of all together. */
export class RecentlyUsed<Key, Value> {
  readonly #kept = new Map<Key, Value>();
  #weight = 0;

  constructor(
    private readonly maxWeight: number,
    private readonly weigh: (value: Value) => number,
  ) {}

  get(key: Key): Value | undefined {
    const value = this.#kept.get(key);
    if (value === undefined) return undefined;
    // A Map goes by the order of insertion: now it is the youngest.
    this.#kept.delete(key);
    this.#kept.set(key, value);
    return value;
  }

  /** A value of more than a quarter of all is not kept: it would push out too much. */
  set(key: Key, value: Value): void {
    const weight = this.weigh(value);
    if (weight > this.maxWeight / 4) return;
    const before = this.#kept.get(key);
    this.#weight += weight - (before === undefined ? 0 : this.weigh(before));
    this.#kept.delete(key);
    this.#kept.set(key, value);
    for (const [oldest, old] of this.#kept) {
      if (this.#weight <= this.maxWeight) break;
      this.#kept.delete(oldest);
      this.#weight -= this.weigh(old);
    }
  }
}
