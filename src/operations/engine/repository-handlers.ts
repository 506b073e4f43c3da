import { Inject, Injectable, Logger } from '@nestjs/common';
import type { Operation } from '../../database/generated/client.js';
import { canCancel } from '../../domain/operation.js';
import { assertHandled, readOperation, type TypedOperation } from '../../jobs/typed-operation.js';
import type { OperationGroup, Outcome } from './group.js';
import type { RepositoryHandler, RepositoryHandlerTable, RepositoryKind } from './repository-handler.js';

/** The handlers of all kinds that work on a repository, by kind. */
export const REPOSITORY_HANDLERS = Symbol('REPOSITORY_HANDLERS');

/** The operations of a repository that a worker took: those that it can work on, and those that nobody can. */
interface ReadOperations {
  operations: TypedOperation<RepositoryKind>[];
  unreadable: Operation[];
}

/** Finds the handler for an operation. A kind without a handler, or a handler without a kind, fails the start. */
@Injectable()
export class RepositoryHandlers {
  private readonly logger = new Logger(RepositoryHandlers.name);
  private readonly handlers: { readonly [Kind in RepositoryKind]: RepositoryHandler<Kind> };

  constructor(@Inject(REPOSITORY_HANDLERS) handlers: RepositoryHandlerTable) {
    assertHandled('repository', handlers);
    this.handlers = handlers;
  }

  /** Reads the payloads. One that cannot be read is a fault of its operation alone. */
  read(rows: readonly Operation[]): ReadOperations {
    const operations: TypedOperation<RepositoryKind>[] = [];
    const unreadable: Operation[] = [];
    for (const row of rows) {
      try {
        operations.push(readOperation<RepositoryKind>(this.handlers, row));
      } catch (error) {
        this.logger.error({ message: `An operation cannot be read: ${String(error)}`, operationId: row.id });
        unreadable.push(row);
      }
    }
    return { operations, unreadable };
  }

  /** Carries the operation out, or ends it where somebody asked for that and its work is not on the remote. */
  async apply<Kind extends RepositoryKind>(
    operation: TypedOperation<Kind>,
    group: OperationGroup,
  ): Promise<Outcome | 'cancelled'> {
    const handler: RepositoryHandler<Kind> = this.handlers[operation.kind];
    if (operation.cancelRequested && canCancel(operation.kind)) {
      const begun = (await handler.isBegun?.(operation, group)) ?? false;
      if (!begun) return 'cancelled';
    }
    return handler.apply(operation, group);
  }
}
