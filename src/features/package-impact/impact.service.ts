import { Injectable } from '@nestjs/common';
import type { Caller } from '../../access/caller.js';
import { found } from '../../domain/found.js';
import type { Part, Rows } from '../../domain/list.js';
import { PackageRevisionStore } from '../../revisions/package-revision.store.js';
import { DiffSides, type Side } from '../package-diffs/diff-sides.js';
import { PackageDiffService } from '../package-diffs/package-diff.service.js';
import { type Collision, collisionsOf } from './collisions.js';
import { type ImpactRow, ImpactStore, type ImpactSummary } from './impact.store.js';

/** A row, and what collides in it; null: nobody can tell, since nothing newer is, or its upstream is not to be seen. */
export type ImpactNode = ImpactRow & { collisions: Collision[] | null };

/** Who was made from a package, directly and through others, as far as the caller may see it. */
@Injectable()
export class ImpactService {
  constructor(
    private readonly store: ImpactStore,
    private readonly revisions: PackageRevisionStore,
    private readonly sides: DiffSides,
    private readonly diffs: PackageDiffService,
  ) {}

  async packageOf(revisionId: string): Promise<string> {
    return found(await this.revisions.find(revisionId), 'package revision', revisionId).packageId;
  }

  summary(packageId: string, depth: number, caller: Caller): Promise<ImpactSummary> {
    return this.store.summary(packageId, depth, caller.visibility('packages.read'));
  }

  rows(packageId: string, depth: number, caller: Caller, part: Part): Promise<Rows<ImpactRow>> {
    return this.store.list(packageId, depth, caller.visibility('packages.read'), part);
  }

  /** The same with what collides, one by one: clones that hold the same share the comparisons. */
  async nodes(packageId: string, depth: number, caller: Caller, part: Part): Promise<Rows<ImpactNode>> {
    const { rows, next } = await this.rows(packageId, depth, caller, part);
    const behind = new Map(rows.flatMap((row) => compared(row, caller).map((ids) => [row.id, ids] as const)));
    const ids = [...new Set([...behind.values()].flat())];
    const sides = new Map((await this.sides.revisions(ids, caller)).map((side, at) => [ids[at], side]));
    const nodes: ImpactNode[] = [];
    for (const row of rows) {
      const [from, ours, theirs] = (behind.get(row.id) ?? []).map((id) => sides.get(id));
      const collisions = from && ours && theirs ? await this.collisions(from, ours, theirs, caller) : null;
      nodes.push({ ...row, collisions });
    }
    return { rows: nodes, next };
  }

  private async collisions(from: Side, ours: Side, theirs: Side, caller: Caller): Promise<Collision[]> {
    const local = await this.diffs.diff({ from, to: ours }, caller);
    const upstream = await this.diffs.diff({ from, to: theirs }, caller);
    return collisionsOf(local.diff, upstream.diff);
  }
}

/** The ids of what a package was made from, of its latest publication, and of the newest upstream; none where that is nothing to compare. */
function compared({ latestId, upstreamStatus }: ImpactRow, caller: Caller): string[][] {
  const { state, current, newest, repositoryId, path } = upstreamStatus ?? {};
  if (state !== 'behind' || !current || !newest || latestId === null || repositoryId == null) return [];
  const isSeen = caller.allows('packages.read', { repositoryId, path: path ?? null });
  return isSeen ? [[current.revisionId, latestId, newest.revisionId]] : [];
}
