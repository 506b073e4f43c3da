import type { KindIn } from '../../domain/operation.js';
import type { PayloadReader, TypedOperation } from '../typed-operation.js';

export type InstanceKind = KindIn<'instance'>;

/** What a handler works with while it holds the instance. */
export interface InstanceWork {
  /**
   * Does a step in a transaction of its own, under the lease, and begins none any more once the operation was cancelled,
   * the lease was lost or the worker is to stop: it throws then, and the work is to end with that. Steps are short,
   * since stopping waits for the one under way.
   */
  step<T>(run: () => Promise<T>): Promise<T>;
  /**
   * Does what takes long and writes nothing here, such as asking a remote, outside of any transaction. The signal aborts it
   * once no step could follow any more.
   */
  outside<T>(run: (signal: AbortSignal) => Promise<T>): Promise<T>;
  /** Shows how far it has come. */
  note(progress: InstanceProgress): Promise<void>;
}

export interface InstanceProgress {
  done: number;
  /** Null or left out where nobody knows. */
  total?: number | null;
  message: string;
}

/** How one kind of instance-wide work is carried out. */
export interface InstanceHandler<Kind extends InstanceKind> extends PayloadReader<Kind> {
  /** Seconds between two that are asked for without anybody's doing; null: somebody has to ask. */
  readonly everySeconds: number | null;
  /** Gives the operation's result. It may run again after a crash or a failure, so it first looks what is left to do. */
  run(operation: TypedOperation<Kind>, work: InstanceWork): Promise<Record<string, unknown>>;
}

export type InstanceHandlerTable = { readonly [Kind in InstanceKind]: InstanceHandler<Kind> };

/** The handlers of all kinds that work on the instance, by kind. */
export const INSTANCE_HANDLERS = Symbol('INSTANCE_HANDLERS');
