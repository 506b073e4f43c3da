/** The record of work that goes on after the answer; what else it holds is the matter of the feature that keeps it. */
export interface Work {
  id: string;
}

/** What a controller returns where the work is true only once the Git remote has it: 202, and the record. */
export class Accepted {
  constructor(readonly work: Work) {}
}

export const accepted = (work: Work): Accepted => new Accepted(work);

/** What a controller returns in a rehearsal of work that it would accept, where it can tell what that would lead to. */
export class Foretold {
  constructor(
    readonly kind: string,
    readonly body: object,
  ) {}
}

/** The record as callers see it, and the path under which they find it again. */
export class ShownWork {
  constructor(
    readonly location: string,
    readonly body: Work,
  ) {}
}

/** How far the work has come: what it led to (null: a resource that is gone), or the fault that is stored of it. */
export type WorkEnd =
  | { state: 'unfinished'; shown: ShownWork }
  | { state: 'succeeded'; resource: { type: string; id: string } | null }
  | { state: 'failed'; fault: unknown };

/** How accepted work is shown and followed; the feature that keeps the records says it. */
export abstract class AcceptedWork {
  abstract show(work: Work): Promise<ShownWork>;
  /**
   * Holds its caller until the work has ended, at most so many seconds; null where there is no such record. Call it
   * outside of any transaction: inside one the end would never be seen.
   */
  abstract follow(id: string, seconds: number): Promise<WorkEnd | null>;
}
