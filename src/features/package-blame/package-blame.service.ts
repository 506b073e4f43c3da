import { Injectable } from '@nestjs/common';
import type { Caller } from '../../access/caller.js';
import { Blames } from '../../content/blames.js';
import { found, notFound } from '../../domain/found.js';
import type { TreeBlame } from '../../krm/blame/blame-versions.js';
import { PackageDiffService } from '../package-diffs/package-diff.service.js';
import { type BlameStep, lineOf, upTo } from './blame-line.js';
import { PackageBlameStore, type VersionRow } from './package-blame.store.js';

export interface PackageBlame {
  blame: TreeBlame;
  /** What the setters of fields are the places of; the last one is what was asked for. */
  steps: BlameStep[];
}

/** So much is looked at for one answer. */
const MOST_VERSIONS = 500;
const MOST_COMMITS = 2_000;

/** Who set the fields of package revisions, as far as the caller may see it. */
@Injectable()
export class PackageBlameService {
  constructor(
    private readonly store: PackageBlameStore,
    private readonly diffs: PackageDiffService,
    private readonly blames: Blames,
  ) {}

  async blame(id: string, caller: Caller): Promise<PackageBlame> {
    const row = found((await this.store.find([id]))[0] ?? null, 'package revision', id);
    if (!caller.allows('packages.read', row)) throw notFound('package revision', id);
    const { rows, isCut } = await this.versions(row, caller);
    const places = new Map([...rows.values()].map((each) => [`${each.repositoryId} ${each.path}`, each]));
    const commits = await this.store.commits([...places.values()], MOST_COMMITS);
    const steps = lineOf(row.id, { rows, commits });
    const options = {
      definitions: await this.diffs.definitions([row.tree], caller),
      showsSecrets: caller.allows('packageRevisions.edit', row),
    };
    const versions = steps.map(({ tree, previous, upstream }) => ({ tree, previous, upstream }));
    const blame = await this.blames.blame(versions, options);
    return { blame: { ...blame, truncated: blame.truncated || isCut || commits.length >= MOST_COMMITS }, steps };
  }

  /** A revision, those before it, and those that they come from: what the caller may not see is not among them. */
  private async versions(row: VersionRow, caller: Caller): Promise<{ rows: Map<string, VersionRow>; isCut: boolean }> {
    const rows = new Map<string, VersionRow>();
    let isCut = false;
    for (let next = [row]; next.length > 0;) {
      if (rows.size >= MOST_VERSIONS) return { rows, isCut: true };
      const upto = next.flatMap((each) => {
        const versionKey = upTo(each);
        return versionKey === undefined ? [] : [{ packageId: each.packageId, versionKey }];
      });
      const older = await this.store.versions(upto, MOST_VERSIONS);
      isCut ||= older.length >= MOST_VERSIONS;
      const fresh = [...next, ...older].filter(({ id }) => !rows.has(id));
      for (const each of fresh) rows.set(each.id, each);
      const upstreams = fresh.flatMap(({ upstreamRevisionId: id }) => (id === null || rows.has(id) ? [] : [id]));
      next = (await this.store.find(upstreams)).filter((each) => caller.allows('packages.read', each));
    }
    return { rows, isCut };
  }
}
