export class Api {
  constructor(options: {
    base: URL;
    headers: Record<string, string>;
    signal: AbortSignal;
    told: { away(why: string): void; back(): void };
    /** Milliseconds between two attempts. */
    pause?: number;
  });
  get(path: string, query?: Record<string, unknown>): Promise<unknown>;
  find(path: string, query?: Record<string, unknown>): Promise<unknown>;
  all(path: string, query?: Record<string, unknown>): Promise<unknown[]>;
}
