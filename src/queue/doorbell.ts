/**
 * "There is work in this scope": a repository, or the instance. A ring carries nothing but the scope's id; the work itself
 * is in the operation table. Any number of rings while a visit runs fold into exactly one more visit.
 */
export abstract class Doorbell {
  /** Returns at once and never throws. A ring may be lost: workers look for work that was not rung for as well. */
  abstract ring(scopeId: string): void;
  /** Visits scopes that were rung, at most `concurrency` at a time in this process, until {@link close}. */
  abstract listen(visit: (scopeId: string) => Promise<void>, concurrency: number): Promise<void>;
  /** Rings waiting and visits under way, for metrics and readiness; throws when the backend is not reachable. */
  abstract depth(): Promise<{ waiting: number; active: number }>;
  /** Stops listening, waits for the visits under way, and disconnects. */
  abstract close(): Promise<void>;
}
