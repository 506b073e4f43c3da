/** Does some work again and again, one turn at a time: so many milliseconds after the last one, or as soon as it is asked for. */
export class RegularTurns {
  private timer: NodeJS.Timeout | undefined;
  private turn: Promise<void> | null = null;
  private again = false;
  private running = false;

  /** `work` deals with its own faults: it never throws. */
  constructor(
    private readonly work: () => Promise<void>,
    private readonly pauseMs: number,
  ) {}

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
    this.turn = this.work().finally(() => {
      this.turn = null;
      if (this.again) this.next();
      else this.schedule();
    });
  }

  /** Ends when the turn under way has. None begins by itself any more. */
  async stop(): Promise<void> {
    this.running = false;
    this.again = false;
    clearTimeout(this.timer);
    await this.turn;
  }

  private next(): void {
    this.again = false;
    this.soon();
  }

  private schedule(): void {
    if (this.running) this.timer = setTimeout(() => this.soon(), this.pauseMs);
  }
}
