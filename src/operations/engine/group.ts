import type { Operation, PackageRevision } from '../../database/generated/client.js';
import { Database } from '../../database/database.js';
import { isPublished } from '../../domain/lifecycle.js';
import type { RefPlan } from './ref-plan.js';
import type { RepositoryVisit } from './repository-visit.js';

/** What an operation does once its ref changes are on the remote; runs in the transaction that closes the group. */
export interface Outcome {
  result: Record<string, unknown>;
  /** Packages whose `latest` or existence may have changed. */
  packageIds?: readonly string[];
  commit?: () => Promise<void>;
}

/** The operations that share one push, and the revisions they work on as they will be after it. */
export class OperationGroup {
  private readonly revisions = new Map<string, PackageRevision | null>();

  constructor(
    readonly visit: RepositoryVisit,
    readonly plan: RefPlan,
    private readonly database: Database,
  ) {}

  /** The revision with all that earlier operations of the group have planned for it; null when it is gone. */
  async revision(id: string | null): Promise<PackageRevision | null> {
    if (id === null) return null;
    if (!this.revisions.has(id)) {
      this.revisions.set(id, await this.database.client.packageRevision.findUnique({ where: { id } }));
    }
    return this.revisions.get(id) ?? null;
  }

  async preload(ids: readonly string[]): Promise<void> {
    const rows = await this.database.client.packageRevision.findMany({ where: { id: { in: [...ids] } } });
    for (const id of ids) this.revisions.set(id, null);
    for (const row of rows) this.revisions.set(row.id, row);
  }

  /** Trees that operations of this group publish for a package. */
  plannedPublications(packageId: string): Set<string> {
    const rows = [...this.revisions.values()].filter((row) => row?.packageId === packageId && isPublished(row.lifecycle));
    return new Set(rows.flatMap((row) => row?.tree ?? []));
  }

  plannedRevision(id: string, changes: Partial<PackageRevision> | null): void {
    const present = this.revisions.get(id);
    this.revisions.set(id, changes === null || !present ? null : { ...present, ...changes });
  }
}

/** How one kind of operation is carried out. */
export interface OperationHandler {
  /**
   * Adds the operation's ref changes to the group's plan and tells how it ends. May run again after a lost race or a
   * crash, so it first looks whether the remote has its work already. Throws DomainError when it can never succeed.
   */
  apply(operation: Operation, group: OperationGroup): Promise<Outcome>;
}
