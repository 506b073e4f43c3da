import type { Operation } from '../../database/generated/client.js';

/** Holds a caller until an operation has ended. */
export abstract class OperationWaiter {
  /**
   * The operation once it has finished, or as it is after `seconds`; null where there is none. Call it outside of any
   * transaction: inside one the end would never be seen.
   */
  abstract wait(id: string, seconds: number): Promise<Operation | null>;
  /** Gives every caller, now and later, the operation as it is: the process is about to end. */
  abstract stop(): void;
}
