import { Injectable } from '@nestjs/common';
import type { Caller } from '../../access/caller.js';
import { DomainError } from '../../domain/errors.js';
import { found, notFound } from '../../domain/found.js';
import { PackageDiffStore, type SideRow } from './package-diff.store.js';

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
  revision: SideRow | null;
  /** Null: there is nothing. */
  tree: string | null;
}

/** Finds what a comparison is about. What the caller may not see looks as if it were not there. */
@Injectable()
export class DiffSides {
  constructor(private readonly store: PackageDiffStore) {}

  /** The revisions of these ids, in their order. */
  async revisions(ids: readonly string[], caller: Caller): Promise<Side[]> {
    const rows = new Map((await this.store.find(ids)).map((row) => [row.id, row]));
    return ids.map((id) => {
      const row = found(rows.get(id.toLowerCase()) ?? null, 'package revision', id);
      if (!caller.allows('packages.read', row)) throw notFound('package revision', id);
      return sideOf(row);
    });
  }

  /** A revision, and what it is compared with: one of {@link AGAINST}, or a revision by its id. */
  async against(id: string, against: string | undefined, caller: Caller): Promise<{ from: Side; to: Side }> {
    const word = AGAINST.find((known) => known === against);
    const ids = against === undefined || word !== undefined ? [id] : [id, against];
    const [to, other] = await this.revisions(ids, caller);
    if (to?.revision == null) throw new Error(`Revision ${id} was found, and is not there`);
    return { from: other ?? (await this.beside(to, to.revision, word, caller)), to };
  }

  private async beside(side: Side, row: SideRow, against: Against | undefined, caller: Caller): Promise<Side> {
    const isDraft = row.lifecycle === 'draft' || row.lifecycle === 'proposed';
    switch (against ?? (isDraft ? 'base' : 'previous')) {
      case 'base':
        if (!isDraft) throw absent(row, 'is published, and stands on no base. Compare it with `previous`.');
        return besides(side, row.baseTree === null ? 'nothing' : (row.baseRevision ?? 'base'), row.baseTree);
      case 'previous':
        return orNothing(side, await this.store.previousOf(row.packageId, isDraft ? null : row.versionKey));
      case 'latest':
        return orNothing(side, await this.store.latestOf(row.packageId));
      case 'head': {
        const head = await this.store.headOf(row.packageId);
        return besides(side, head === null ? 'nothing' : 'head', head);
      }
      case 'upstream':
        return sideOf(await this.upstreamOf(row, caller));
      case 'newestUpstream':
        return sideOf(seen(row, await this.store.latestOf((await this.upstreamOf(row, caller)).packageId), caller));
    }
  }

  private async upstreamOf(row: SideRow, caller: Caller): Promise<SideRow> {
    const { upstreamRevisionId: id } = row;
    return seen(row, id === null ? null : ((await this.store.find([id]))[0] ?? null), caller);
  }
}

/** An upstream that the caller may see. */
function seen(row: SideRow, upstream: SideRow | null, caller: Caller): SideRow {
  if (upstream !== null && caller.allows('packages.read', upstream)) return upstream;
  throw absent(row, UNSEEN_UPSTREAM);
}

const UNSEEN_UPSTREAM = 'was cloned from no revision that you can see here.';

const absent = ({ name }: SideRow, what: string): DomainError => new DomainError('notFound', `"${name}" ${what}`);

function sideOf(row: SideRow): Side {
  const { packageId, repositoryId, repositoryName: repository, path, tree } = row;
  const label = row.revision ?? row.workspace;
  return { label, packageId, repositoryId, repository, path, revision: row, tree };
}

/** The revision of the same package, or that there is none yet. */
const orNothing = (side: Side, row: SideRow | null): Side =>
  row === null ? besides(side, 'nothing', null) : sideOf(row);

const besides = (side: Side, label: string, tree: string | null): Side => ({
  ...side,
  ...{ label, revision: null, tree },
});
