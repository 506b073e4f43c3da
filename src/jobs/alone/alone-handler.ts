import type { KindIn } from '../../domain/operation.js';
import type { InstanceWork } from '../instance/instance-handler.js';
import type { PayloadReader, TypedOperation } from '../typed-operation.js';

/** Kinds of which many operations go on at a time, each under a lease of its own. */
export type AloneKind = KindIn<'operation'>;

/** How one such kind is carried out. */
export interface AloneHandler<Kind extends AloneKind> extends PayloadReader<Kind> {
  /** Operations of the kind at work at a time in this process. */
  readonly seats: number;
  /**
   * Gives the operation's result; null: operations that it has begun go on. It may run again after a crash or a failure, so
   * it first looks what is left to do.
   */
  run(operation: TypedOperation<Kind>, work: InstanceWork): Promise<Record<string, unknown> | null>;
  /** Called when the worker starts. */
  start?(): void;
}

export type AloneHandlerTable = { readonly [Kind in AloneKind]: AloneHandler<Kind> };

/** The handlers of all kinds that work by themselves, by kind. */
export const ALONE_HANDLERS = Symbol('ALONE_HANDLERS');
