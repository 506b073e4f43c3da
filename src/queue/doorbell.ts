/**
 * "There is work in this scope": a repository, or the instance. A ring carries nothing but the scope's id; the work itself
 * is in the operation table. Any number of rings during an answer fold into exactly one more answer.
 */
export abstract class Doorbell {
  /** Returns at once and never throws. A ring may be lost: workers look for work that was not rung for as well. */
  abstract ring(scopeId: string): void;
  /** Calls `answer` for each scope that is rung, at most `concurrency` at a time in this process, until {@link close}. */
  abstract listen(answer: (scopeId: string) => Promise<void>, concurrency: number): Promise<void>;
  /** Rings that wait and rings being answered, for metrics and readiness; throws when the backend is not reachable. */
  abstract depth(): Promise<{ waiting: number; active: number }>;
  /** Stops listening, waits for the answers under way, and disconnects. */
  abstract close(): Promise<void>;
}
