/** Room for so many scopes at work at a time in this process. Callers that wait get a seat in the order in which they came. */
export class Seats {
  private readonly waiting: (() => void)[] = [];

  constructor(private free: number) {}

  get areFree(): boolean {
    return this.free > 0;
  }

  /** Runs `work` on a seat, and waits for one first where none is free. */
  async use(work: () => Promise<void>): Promise<void> {
    if (this.free > 0) this.free -= 1;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    try {
      await work();
    } finally {
      // A caller that waits takes the seat over, so that no later one comes between.
      const next = this.waiting.shift();
      if (next) next();
      else this.free += 1;
    }
  }
}
