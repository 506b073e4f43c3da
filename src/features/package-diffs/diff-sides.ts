import { Injectable } from '@nestjs/common';
import type { Caller } from '../../access/caller.js';
import { DomainError } from '../../domain/errors.js';
import { found, notFound } from '../../domain/found.js';
import { PackageRevisionStore } from '../../revisions/package-revision.store.js';
import { PackageStore } from '../../revisions/package.store.js';
import type { RevisionRow } from '../../revisions/revision-row.js';
import { PackageDiffStore } from './package-diff.store.js';

/** What a revision is compared with, but for another revision by its id. */
export const AGAINST = ['base', 'previous', 'latest', 'head', 'upstream', 'newestUpstream'] as const;
export type Against = (typeof AGAINST)[number];

/** One side of a comparison: a revision, or what stands where a revision could. */
export interface Side {
  /** What it is called beside the package: `v1`, `head`. */
  label: string;
  packageId: string;
  repositoryId: string;
  repository: string;
  path: string;
  /** Null: it is no revision. */
  revision: RevisionRow | null;
  /** Null: there is nothing. */
  tree: string | null;
}

/** Finds what a comparison is about. What the caller may not see looks as if it were not there. */
@Injectable()
export class DiffSides {
  constructor(
    private readonly revisions: PackageRevisionStore,
    private readonly packages: PackageStore,
    private readonly store: PackageDiffStore,
  ) {}

  async revision(id: string, caller: Caller): Promise<Side> {
    const row = found(await this.revisions.find(id), 'package revision', id);
    if (!caller.allows('packages.read', row)) throw notFound('package revision', id);
    return sideOf(row);
  }

  /** `against` is one of {@link AGAINST}, or the id of a revision. */
  async against(side: Side, against: string | undefined, caller: Caller): Promise<Side> {
    const row = side.revision;
    if (row === null) throw new Error('Only a revision is compared with what belongs to it');
    const isDraft = row.packageNow !== null;
    switch (against ?? (isDraft ? 'base' : 'previous')) {
      case 'base':
        if (!isDraft) throw absent(row, 'is published, and stands on no base. Compare it with `previous`.');
        return besides(side, row.baseRevision ?? 'base', row.baseTree);
      case 'previous':
        return this.orNothing(side, await this.store.previousOf(row.packageId, isDraft ? null : row.versionKey));
      case 'latest':
        return this.orNothing(side, (await this.revisions.latestOf([row.packageId])).get(row.packageId)?.id ?? null);
      case 'head': {
        const head = await this.packages.find(row.packageId);
        return besides(side, 'head', head?.headTree ?? null);
      }
      case 'upstream':
        return sideOf(await this.upstreamOf(row, caller));
      case 'newestUpstream': {
        const { packageId } = await this.upstreamOf(row, caller);
        const newest = (await this.revisions.latestOf([packageId])).get(packageId);
        if (newest === undefined) throw absent(row, UNSEEN_UPSTREAM);
        return this.revision(newest.id, caller);
      }
      default:
        return this.revision(against ?? '', caller);
    }
  }

  /** The revision of the same package, or that there is none yet. */
  private async orNothing(side: Side, id: string | null): Promise<Side> {
    const row = id === null ? null : await this.revisions.find(id);
    return row === null ? besides(side, 'nothing', null) : sideOf(row);
  }

  private async upstreamOf(row: RevisionRow, caller: Caller): Promise<RevisionRow> {
    const upstream = row.upstreamRevisionId === null ? null : await this.revisions.find(row.upstreamRevisionId);
    if (upstream === null || !caller.allows('packages.read', upstream)) throw absent(row, UNSEEN_UPSTREAM);
    return upstream;
  }
}

const UNSEEN_UPSTREAM = 'was cloned from no revision that you can see here.';

const absent = ({ name }: RevisionRow, what: string): DomainError => new DomainError('notFound', `"${name}" ${what}`);

function sideOf(row: RevisionRow): Side {
  const { packageId, repositoryId, repositoryName: repository, path, tree } = row;
  const label = row.revision ?? row.workspace;
  return { label, packageId, repositoryId, repository, path, revision: row, tree };
}

const besides = (side: Side, label: string, tree: string | null): Side => ({
  ...side,
  ...{ label, revision: null, tree },
});
