/** Keeps what was used last, up to so many bytes. */
export class ByteCache<Key> {
  readonly #kept = new Map<Key, { value: Buffer; tag: string }>();
  #bytes = 0;

  constructor(private readonly maxBytes: number) {}

  /** `tag` says what the bytes are. */
  get(key: Key): { value: Buffer; tag: string } | undefined {
    const kept = this.#kept.get(key);
    if (kept === undefined) return undefined;
    // A Map goes by the order of insertion: now it is the youngest.
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    return kept;
  }

  set(key: Key, value: Buffer, tag = ''): void {
    if (value.length > this.maxBytes / 4) return;
    this.#bytes += value.length - (this.#kept.get(key)?.value.length ?? 0);
    this.#kept.delete(key);
    this.#kept.set(key, { value, tag });
    for (const [oldest, { value: bytes }] of this.#kept) {
      if (this.#bytes <= this.maxBytes) break;
      this.#kept.delete(oldest);
      this.#bytes -= bytes.length;
    }
  }
}
