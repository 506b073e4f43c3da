/**
 * Does some work again and again, one turn at a time: so many milliseconds after the last one, or as soon as it is asked
 * for. While turns find nothing the pauses double, up to the longest: the work is one that others ask for when there is
 * some, and the clock is the net below that.
 */
export class RegularTurns {
  private timer: NodeJS.Timeout | undefined;
  private turn: Promise<void> | null = null;
  private again = false;
  private running = false;
  private pauseMs: number;
  /** When the turn is due that is waited for, as `performance.now()` counts. */
  private dueAt = 0;

  /** `work` deals with its own faults: it never throws. It gives false where there was nothing to do. */
  constructor(
    private readonly work: () => Promise<boolean>,
    private readonly shortestMs: number,
    private readonly longestMs = shortestMs,
  ) {
    this.pauseMs = shortestMs;
  }

  start(): void {
    this.running = true;
    this.schedule();
  }

  /** A turn that begins after this call, also before the start. */
  soon(): void {
    if (this.turn !== null) {
      this.again = true;
      return;
    }
    clearTimeout(this.timer);
    this.turn = this.takeTurn().finally(() => {
      this.turn = null;
      if (this.again) this.next();
      else this.schedule();
    });
  }

  /** A turn that begins within the shortest pause: what came until then is done together. */
  within(): void {
    this.pauseMs = this.shortestMs;
    if (this.turn !== null || this.dueAt - performance.now() <= this.shortestMs) return;
    this.schedule();
  }

  /** Ends when the turn under way has. None begins by itself any more. */
  async stop(): Promise<void> {
    this.running = false;
    this.again = false;
    clearTimeout(this.timer);
    await this.turn;
  }

  private async takeTurn(): Promise<void> {
    const longer = Math.min(this.pauseMs * 2, this.longestMs);
    // Set before the work, so that a call of `within` during it, which asks for the shortest pause, is not overwritten after it.
    this.pauseMs = longer;
    if (await this.work()) this.pauseMs = this.shortestMs;
  }

  private next(): void {
    this.again = false;
    this.soon();
  }

  private schedule(): void {
    if (!this.running) return;
    clearTimeout(this.timer);
    this.dueAt = performance.now() + this.pauseMs;
    this.timer = setTimeout(() => this.soon(), this.pauseMs);
  }
}
