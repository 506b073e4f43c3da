import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { type Operation, Prisma } from '../database/generated/client.js';
import { factsOf, type OperationKind } from '../domain/operation.js';

/** What keeps the workers from a repository's queued operations. */
interface Hindrance {
  /** Until when its remote is left alone, while that is to come. */
  blockedUntil: Date | null;
  /** Whether a worker is at it. */
  leased: boolean;
}

/**
 * What queued operations wait for. Found when they are read and never stored: it changes with the work of others. An
 * operation that runs and waits for its next attempt has its reason in its row.
 */
@Injectable()
export class OperationWaits {
  constructor(private readonly database: Database) {}

  /** The same operations with `waitingFor` filled in: one query for all, and none where nothing is queued. */
  async explain(operations: readonly Operation[]): Promise<Operation[]> {
    const queued = operations.filter(({ state }) => state === 'queued');
    const hindrances = await this.hindrances([...new Set(queued.map(({ repositoryId }) => repositoryId))]);
    return operations.map((operation) =>
      operation.state === 'queued'
        ? { ...operation, waitingFor: reason(operation.kind, hindrances.get(operation.repositoryId)) }
        : operation,
    );
  }

  private async hindrances(repositoryIds: readonly string[]): Promise<Map<string, Hindrance>> {
    if (repositoryIds.length === 0) return new Map();
    const rows = await this.database.readByKey<{ repositoryId: string } & Hindrance>(Prisma.sql`
      SELECT r.id AS "repositoryId", p.blocked_until AS "blockedUntil", l.repository_id IS NOT NULL AS leased
      FROM unnest(${repositoryIds}::uuid[]) AS r(id)
      LEFT JOIN repository_polling p ON p.repository_id = r.id AND p.blocked_until > now()
      LEFT JOIN lease l ON l.repository_id = r.id AND l.expires_at > now()`);
    return new Map(rows.map((row) => [row.repositoryId, row]));
  }
}

function reason(kind: OperationKind, hindrance: Hindrance | undefined): string {
  if (hindrance?.blockedUntil && !factsOf(kind).readsOnly) {
    return `The remote could not be read; the next attempt is at ${hindrance.blockedUntil.toISOString()}.`;
  }
  return hindrance?.leased ? 'Earlier work in this repository.' : 'A free worker.';
}
