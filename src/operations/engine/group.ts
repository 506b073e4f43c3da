import type { Standing } from '../../access/standing-rights.js';
import type { Approval, PackageRevision } from '../../database/generated/client.js';
import type { DomainError } from '../../domain/errors.js';
import { mayBePushed } from '../../domain/operation.js';
import type { AuthorTie } from '../../domain/release-policy.js';
import type { TypedOperation } from '../../jobs/typed-operation.js';
import type { Publication } from '../../revisions/pushed-revisions.js';
import type { Version } from '../../revisions/package-revision.store.js';
import type { GroupFacts } from './engine.store.js';
import type { RefPlan } from './ref-plan.js';
import type { RepositoryVisit } from '../visit/repository-visit.js';

/** What a handler changed, and what is to be written once that is on the remote, in the transaction that closes the group. */
export interface Outcome {
  result: Record<string, unknown>;
  /** Packages whose `latest` or existence may have changed. */
  packageIds?: readonly string[];
  /** Written for the whole group at once: there may be a thousand. */
  publication?: Publication;
  /** The published revision that is gone. */
  unpublished?: { path: string; revision: string };
  /** Refs that the index knows and no row stands for any more: the next sync, due at once, reads them anew. */
  unindexed?: readonly string[];
  commit?: () => Promise<unknown>;
}

/** How an operation of the group fared. */
export interface Applied {
  operation: TypedOperation;
  outcome: Outcome | 'cancelled';
}
export interface Failed {
  operation: TypedOperation;
  error: DomainError;
}

/** A publication that an operation of the group makes. */
export interface PlannedPublication {
  id: string;
  revision: string;
  tree: string;
  publishedAt: Date | null;
  publishedBy: string | null;
}

/** The operations that share one push, and the revisions they work on as they will be after it. */
export class OperationGroup {
  private readonly published = new Map<string, PlannedPublication[]>();

  constructor(
    readonly visit: RepositoryVisit,
    readonly plan: RefPlan,
    private readonly facts: GroupFacts,
    /** An earlier push of this visit failed, and may have reached the remote in part. */
    private readonly pushedBefore: boolean,
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
  givenNumber(path: string): bigint {
    return this.facts.numbers.get(path) ?? 0n;
  }

  /** Those of these approvals that there are, in the order in which they were given. */
  approvals(ids: readonly string[]): Approval[] {
    return ids.flatMap((id) => this.facts.approvals.get(id) ?? []);
  }

  /** Who the Git authors of a draft or proposal are here now. */
  authorTies(id: string): readonly AuthorTie[] {
    return this.facts.authorTies.get(id) ?? [];
  }

  /** What those who gave the approvals may do now, by the approvals' ids. */
  get standing(): Standing {
    return this.facts.standing;
  }

  /** Whether work of this operation may be on the remote already, by a push whose end was not recorded. */
  mayBeDone(operation: TypedOperation): boolean {
    return this.pushedBefore || mayBePushed(operation);
  }

  /** What operations of this group publish of a package, in their order. */
  plannedPublications(packageId: string): readonly PlannedPublication[] {
    return this.published.get(packageId) ?? [];
  }

  /** The highest published version of a package before the group, as far as no operation of it deletes that. */
  latest(packageId: string): Version | null | 'gone' {
    const version = this.facts.latest.get(packageId) ?? null;
    return version !== null && this.isGone(version.id) ? 'gone' : version;
  }

  /** Ids of the revisions that operations of this group delete. */
  goneRevisions(): string[] {
    return [...this.facts.revisions].flatMap(([id, row]) => (row === null ? [id] : []));
  }

  plannedRevision(id: string, changes: Partial<PackageRevision> | null): void {
    const present = this.facts.revisions.get(id);
    const planned = changes === null || !present ? null : { ...present, ...changes };
    this.facts.revisions.set(id, planned);
    if (planned === null || changes?.lifecycle !== 'published' || planned.revision === null) return;
    const { revision, tree, publishedAt, publishedBy, packageId } = planned;
    const publications = [...this.plannedPublications(packageId), { id, revision, tree, publishedAt, publishedBy }];
    this.published.set(packageId, publications);
  }
}
