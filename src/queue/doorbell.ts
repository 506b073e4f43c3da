/**
 * "There is work for this repository." A ring carries nothing but the repository's id; the work itself is in the
 * operation table. Any number of rings while a visit runs fold into exactly one more visit.
 */
export abstract class Doorbell {
  /** Returns at once and never throws. A ring may be lost: workers look for work that was not rung for as well. */
  abstract ring(repositoryId: string): void;
  /** Visits repositories that were rung, at most `concurrency` at a time in this process, until {@link close}. */
  abstract listen(visit: (repositoryId: string) => Promise<void>, concurrency: number): Promise<void>;
  /** Rings waiting and visits under way, for metrics and readiness; throws when the backend is not reachable. */
  abstract depth(): Promise<{ waiting: number; active: number }>;
  /** Stops listening, waits for the visits under way, and disconnects. */
  abstract close(): Promise<void>;
}
