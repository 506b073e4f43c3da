/** How much a comparison tells at most, in bytes of JSON, about. */
const MOST_BYTES = 2 * 1024 * 1024;
const BYTES_PER_ENTRY = 200;

/** What is left of it. */
export class Room {
  isFull = false;
  private left = MOST_BYTES;

  /** Takes room for one thing more, with so many bytes in it; false: there is none. */
  take(bytes: number): boolean {
    this.left -= bytes + BYTES_PER_ENTRY;
    if (this.left < 0) this.isFull = true;
    return !this.isFull;
  }

  get bytes(): number {
    return this.left;
  }

  get taken(): number {
    return MOST_BYTES - this.left;
  }
}
