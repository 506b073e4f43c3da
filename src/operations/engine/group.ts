import type { Operation, PackageRevision } from '../../database/generated/client.js';
import type { DomainError } from '../../domain/errors.js';
import type { Publication } from '../../revisions/pushed-revisions.js';
import type { GroupFacts } from './engine.store.js';
import type { RefPlan } from './ref-plan.js';
import type { RepositoryVisit } from '../visit/repository-visit.js';

/** What an operation does once its ref changes are on the remote; written in the transaction that closes the group. */
export interface Outcome {
  result: Record<string, unknown>;
  /** Packages whose `latest` or existence may have changed. */
  packageIds?: readonly string[];
  /** Written for the whole group at once: there may be a thousand. */
  publication?: Publication;
  commit?: () => Promise<unknown>;
}

/** How an operation of the group fared. */
export interface Applied {
  operation: Operation;
  outcome: Outcome | 'cancelled';
}
export interface Failed {
  operation: Operation;
  error: DomainError;
}

/** The operations that share one push, and the revisions they work on as they will be after it. */
export class OperationGroup {
  private readonly publishedTrees = new Map<string, Set<string>>();

  constructor(
    readonly visit: RepositoryVisit,
    readonly plan: RefPlan,
    private readonly facts: GroupFacts,
    /** An earlier push of this visit failed, and may have reached the remote in part. */
    private readonly again: boolean,
  ) {}

  /** The revision with all that earlier operations of the group have planned for it; null when it is gone. */
  revision(id: string | null): PackageRevision | null {
    return (id === null ? null : this.facts.revisions.get(id)) ?? null;
  }

  /** Whether an earlier operation of the group deletes the revision. */
  isGone(id: string): boolean {
    return this.facts.revisions.get(id) === null;
  }

  /** The highest number ever given out for the package at `path`, as far as the index knows. */
  givenNumber(path: string): number {
    return this.facts.numbers.get(path) ?? 0;
  }

  /** Whether one of these approvals was withdrawn, or does not count any more for another reason. */
  hasVoidApproval(ids: readonly string[]): boolean {
    return ids.some((id) => this.facts.voidApprovals.has(id));
  }

  /** Whether work of this operation may be on the remote already, by a push whose end was not recorded. */
  mayBeDone(operation: Operation): boolean {
    return this.again || operation.progress !== null;
  }

  /** Trees that operations of this group publish for a package. */
  plannedPublications(packageId: string): ReadonlySet<string> {
    return this.publishedTrees.get(packageId) ?? new Set();
  }

  plannedRevision(id: string, changes: Partial<PackageRevision> | null): void {
    const present = this.facts.revisions.get(id);
    const planned = changes === null || !present ? null : { ...present, ...changes };
    this.facts.revisions.set(id, planned);
    if (planned === null || changes?.lifecycle !== 'published') return;
    const trees = this.publishedTrees.get(planned.packageId) ?? new Set();
    this.publishedTrees.set(planned.packageId, trees.add(planned.tree));
  }
}

/** How one kind of operation is carried out. */
export interface OperationHandler {
  /**
   * Adds the operation's ref changes to the group's plan and tells how it ends. May run again after a lost race or a
   * crash, so it first looks whether the remote has its work already. Throws DomainError when it cannot be done.
   */
  apply(operation: Operation, group: OperationGroup): Promise<Outcome | 'cancelled'>;
}
