import { Injectable } from '@nestjs/common';
import type { Operation } from '../database/generated/client.js';
import { currentContext } from '../logging/request-context.js';
import { EventLog } from './event-log.js';

/** What the end of an operation is told by. */
export const TOLD_OF_OPERATION = {
  id: true,
  kind: true,
  state: true,
  repositoryId: true,
  revisionId: true,
  path: true,
  requestedBy: true,
  error: true,
} as const satisfies Partial<Record<keyof Operation, true>>;

export type EndedOperation = Pick<Operation, keyof typeof TOLD_OF_OPERATION>;

/** Tells that operations have ended. Whoever ends one calls it, in the transaction in which it does. */
@Injectable()
export class OperationEvents {
  constructor(private readonly events: EventLog) {}

  async finished(operations: readonly EndedOperation[]): Promise<void> {
    await this.events.record(
      operations.map(({ id, kind, state, repositoryId, revisionId, path, requestedBy, error }) => ({
        ...{ type: 'operation.finished', repositoryId, path, actor: currentContext().actor ?? requestedBy },
        facts: {
          ...{ id, kind, state, repositoryId, requestedBy },
          packageRevisionId: revisionId,
          error: (error as { code?: string } | null)?.code ?? null,
        },
      })),
    );
  }
}
