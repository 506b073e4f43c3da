import type { KindIn } from '../../domain/operation.js';
import type { OPERATION_KINDS } from '../../domain/operation-kinds.js';
import type { PayloadReader, TypedOperation } from '../../jobs/typed-operation.js';
import type { OperationGroup, Outcome } from './group.js';

export type RepositoryKind = KindIn<'repository'>;

/** How one kind of operation is carried out during a visit of its repository. */
export interface RepositoryHandler<Kind extends RepositoryKind> extends PayloadReader<Kind> {
  /**
   * Adds the operation's ref changes to the group's plan and returns what is to be written once they are on the remote.
   * It may run again after a lost race or a crash, so it first looks whether the remote has its work already. It throws
   * DomainError when the operation cannot be done.
   */
  apply(operation: TypedOperation<Kind>, group: OperationGroup): Promise<Outcome>;
  /** Whether the remote has work of an earlier attempt: the operation is completed then, and not cancelled. */
  isBegun?(operation: TypedOperation<Kind>, group: OperationGroup): Promise<boolean>;
}

/** What a kind asks of its handler: one that can be cancelled until it is pushed has to find what was pushed. */
export type HandlerOf<Kind extends RepositoryKind> = (typeof OPERATION_KINDS)[Kind]['cancels'] extends 'untilPushed'
  ? Required<RepositoryHandler<Kind>>
  : RepositoryHandler<Kind>;

export type RepositoryHandlerTable = { readonly [Kind in RepositoryKind]: HandlerOf<Kind> };
