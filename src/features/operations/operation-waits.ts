import { Injectable } from '@nestjs/common';
import type { Operation } from '../../database/generated/client.js';
import { factsOf, type OperationKind } from '../../domain/operation.js';
import { scopeOf } from '../../jobs/work-scope.js';
import { type Hindrance, OperationStore } from './operation.store.js';

/**
 * What queued operations wait for. Found when they are read and never stored: it changes with the work of others. An
 * operation that runs and waits for its next attempt has its reason in its row.
 */
@Injectable()
export class OperationWaits {
  constructor(private readonly store: OperationStore) {}

  /** The same operations with `waitingFor` filled in: one query for all, and none where nothing is queued. */
  async explain(operations: readonly Operation[]): Promise<Operation[]> {
    const queued = operations.filter(({ state }) => state === 'queued');
    const hindrances = await this.store.hindrances([...new Set(queued.map(scopeOf))]);
    return operations.map((operation) =>
      operation.state === 'queued'
        ? { ...operation, waitingFor: reason(operation.kind, hindrances.get(scopeOf(operation))) }
        : operation,
    );
  }
}

function reason(kind: OperationKind, hindrance: Hindrance | undefined): string {
  if (hindrance?.blockedUntil && !factsOf(kind).readsOnly) {
    return `The remote could not be read; the next attempt is at ${hindrance.blockedUntil.toISOString()}.`;
  }
  const { scope } = factsOf(kind);
  if (!hindrance?.leased || scope === 'operation') return 'A free worker.';
  return `Earlier work ${scope === 'instance' ? 'on the instance' : 'in this repository'}.`;
}
