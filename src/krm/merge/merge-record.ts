import type { Step } from '../diff/field-path.js';
import type { FoundObject } from '../diff/object-pairs.js';
import { type Choice, type Conflict, conflictId, type Resolve } from './conflict.js';

/** A change of one side that is in the result, and that the other side does not have. */
export interface OneSided {
  /** Null: the file holds no objects. */
  object: FoundObject | null;
  file: string;
  steps: readonly Step[];
  /** Undefined where there is none. */
  from: unknown;
  to: unknown;
}

/** All that the reviewer of a merge should know of it. */
export class MergeRecord {
  readonly conflicts: Conflict[] = [];
  /** What only theirs has changed. */
  readonly taken: OneSided[] = [];
  /** What only ours has changed. */
  readonly kept: OneSided[] = [];
  /** Sentences for users. */
  readonly warnings: string[] = [];

  /** `trees`: what tells the three versions from all others. */
  constructor(
    private readonly trees: string,
    private readonly resolve: Resolve,
  ) {}

  /** What is taken of a conflict; undefined: it is open. */
  settle(conflict: Omit<Conflict, 'id' | 'resolution'>): Choice | undefined {
    const { of, object, file, steps, nth } = conflict;
    const who = object && [object.apiVersion, object.kind, object.namespace, object.name];
    const id = conflictId(this.trees, [of, file, JSON.stringify([who, steps], withBigInts), nth]);
    const choice = this.resolve({ ...conflict, id });
    this.conflicts.push({ ...conflict, id, resolution: choice ?? null });
    return choice;
  }
}

const withBigInts = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}n` : value);
