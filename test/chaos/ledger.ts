/** A change that a client asked for, between two moments; `sure`: it was told that it is done. */
export interface Write<Value> {
  value: Value;
  start: number;
  end: number;
  sure: boolean;
}

export type State = 'draft' | 'proposed' | 'published' | 'deletionProposed' | 'gone';

/** What clients were told of one revision that one of them created. */
export interface RevisionRecord {
  id: string;
  repository: string;
  /** F: its directory in the Git tree. */
  directory: string;
  packageId: string;
  workspace: string;
  trees: Write<string>[];
  /** What it was read with, and when whoever read it began to ask. */
  reads: { tree: string; start: number }[];
  states: Write<State>[];
  labels: Write<string | undefined>[];
  /** The contents on which accepted edits were made. */
  editedFrom: string[];
}

/** A publication or deletion that was accepted, and what its requester had seen. */
export interface RequestedOperation {
  id: string;
  kind: 'publish' | 'delete';
  revision: RevisionRecord;
  tree: string;
  start: number;
}

/** Everything that was accepted, or may have been. */
export class Ledger {
  readonly revisions = new Map<string, RevisionRecord>();
  readonly operations = new Map<string, RequestedOperation>();
  /** Creations whose answer never came: by name. */
  readonly unknownCreations = new Set<string>();

  of(repository: string): RevisionRecord[] {
    return [...this.revisions.values()].filter((record) => record.repository === repository);
  }
}

/** The value that was sure to have taken the place of `value` when a read that gave that one was begun. */
export function successor<Value>(writes: readonly Write<Value>[], value: Value, readAt: number): Value | undefined {
  const written = writes.find((write) => write.value === value);
  return written && writes.find((later) => later.sure && later.start > written.end && later.end < readAt)?.value;
}

/** The values that may stand at the end: of writes after whose end no other write that is sure was begun. */
export function possible<Value>(writes: readonly Write<Value>[]): Value[] {
  const sure = writes.filter((write) => write.sure);
  return writes.filter((write) => !sure.some((later) => later.start > write.end)).map(({ value }) => value);
}
