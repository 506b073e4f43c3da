import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { type MergedContent, type MergedTrees, Merges } from '../../../content/merges.js';
import { MutatedContent } from '../../../content/mutated-content.js';
import { changesNothing, type Mutations } from '../../../domain/mutation.js';
import type { UpgradeRecord } from '../../../domain/upgrade.js';
import type { RevisionRow } from '../../../revisions/revision-row.js';
import { PackageContent } from '../../package-revisions/authoring/package-content.js';
import { recordOf } from '../../package-revisions/upgrades/upgrade-plan.js';
import { UpgradeService } from '../../package-revisions/upgrades/upgrade.service.js';
import type { ConflictedMerge, VariantRow } from '../variant-row.js';
import type { Wanted } from './wanted.js';

/** What a variant is to hold. */
export interface MadeContent {
  tree: string;
  /** What nobody has settled: as the package has it, it is in the tree. */
  conflicts: MergedContent['conflicts'];
  /** The merge that has left them; null: nothing was merged. */
  merge: ConflictedMerge | null;
  /** Sentences for users. */
  warnings: string[];
  /** How its latest publication was brought to another revision of the upstream; null: it is of that already, or there is none. */
  record: UpgradeRecord | null;
}

/** Makes the content of variants: it follows from what is wanted alone. */
@Injectable()
export class ContentMaker {
  constructor(
    private readonly packages: PackageContent,
    private readonly upgrades: UpgradeService,
    private readonly merges: Merges,
    private readonly mutated: MutatedContent,
  ) {}

  /**
   * `published`: what was changed of the blueprint for what is published. A blueprint and what is changed of it count as one
   * upstream: what is not changed any more is as the blueprint has it again, and what is changed goes before what anybody did.
   */
  async make(variant: VariantRow, wanted: Wanted, published: Mutations): Promise<MadeContent> {
    const merged = await this.merged(variant, wanted, published);
    const { tree, unmatched } = await this.mutated.mutated(merged.tree, variant.package, wanted.mutations);
    const warnings = unmatched.map((at) => unmatchedText(variant, at));
    return { ...merged, tree, warnings: [...merged.warnings, ...warnings] };
  }

  /** What somebody has made of a draft since it was made to hold `before`, with what it is to hold now. */
  async withEdits(draft: RevisionRow, before: string, now: string, wanted: Wanted) {
    return this.mergedOf({ base: before, ours: draft.tree, theirs: now }, draft.packageName, wanted);
  }

  private async merged(variant: VariantRow, wanted: Wanted, published: Mutations): Promise<MadeContent> {
    const { latest, upstream, mutations, caller } = wanted;
    const nothing = { conflicts: [], merge: null, warnings: [], record: null };
    if (latest === null) {
      const destination = { package: variant.package, deployment: wanted.repository.deployment };
      return { ...nothing, tree: await this.packages.clone(destination, upstream.upstream) };
    }
    const changed = (tree: string, given: Mutations) => this.changed(tree, latest, given);
    const sides = async (trees: MergedTrees): Promise<MergedTrees> => ({
      base: await changed(trees.base, published),
      ours: await changed(trees.ours, mutations),
      theirs: await changed(trees.theirs, mutations),
    });
    if (latest.upstream !== null && latest.upstream.commit === upstream.upstream.commit) {
      if (isDeepStrictEqual(published, mutations)) return { ...nothing, tree: latest.tree };
      const { tree: theirs } = upstream.upstream;
      const trees = await sides({ base: theirs, ours: latest.tree, theirs });
      return { ...nothing, ...(await this.mergedOf(trees, variant.package, wanted)) };
    }
    const { strategy, settlement } = wanted;
    const choice = {
      upstream: { revisionId: upstream.revisionId },
      ...{ subpackage: null, strategy, allowOtherPackage: false },
    };
    const plan = await this.upgrades.plan(latest, choice, '/upstream', caller);
    const { options, warnings, from, to } = plan;
    const trees = await sides(plan.trees);
    const { tree, conflicts } = await this.upgrades.merge({ trees, options }, settlement);
    const merge = { trees, options, places: [to.row, ...(from.madeFrom ? [from.madeFrom] : [])].map(placeOf) };
    return { tree, conflicts: conflicts.filter(isOpen), merge, warnings, record: recordOf(plan, conflicts) };
  }

  private async mergedOf(trees: MergedTrees, name: string, wanted: Wanted) {
    const options = optionsOf(name, wanted);
    const { tree, conflicts } = await this.merges.merge(trees, { ...options, ...wanted.settlement });
    const merge: ConflictedMerge = { trees, options, places: [placeOf(wanted.upstream.row)] };
    return { tree, conflicts: conflicts.filter(isOpen), merge };
  }

  private async changed(tree: string, { packageName }: RevisionRow, mutations: Mutations): Promise<string> {
    return changesNothing(mutations) ? tree : (await this.mutated.mutated(tree, packageName, mutations)).tree;
  }
}

const isOpen = ({ resolution }: MergedContent['conflicts'][number]): boolean => resolution === null;

const placeOf = ({ repositoryId, path }: RevisionRow) => ({ repositoryId, path });

function optionsOf(name: string, { upstream, strategy }: Wanted): ConflictedMerge['options'] {
  const { url: repo, directory, ref, commit } = upstream.upstream;
  const origin = { name, upstream: { repo, directory, ref, commit }, strategy };
  return { strategy: 'resource-merge', origin, definitions: [] };
}

function unmatchedText({ mutations }: VariantRow, at: number): string {
  const { objects, path } = mutations[at] ?? { objects: {}, path: '' };
  const what = Object.entries(objects).map(([key, value]) => `${key} ${JSON.stringify(value)}`);
  return `No object with ${what.join(', ')} has a place for "${path}": that mutation changes nothing.`;
}
