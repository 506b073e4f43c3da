import { Injectable } from '@nestjs/common';
import type { Caller } from '../../access/caller.js';
import { Comparisons } from '../../content/comparisons.js';
import { Recent } from '../../content/recent.js';
import { DomainError } from '../../domain/errors.js';
import { isKnownGroup } from '../../krm/diff/object-shape.js';
import type { TreeDiff } from '../../krm/diff/tree-diff.js';
import { DiffSides, type Side } from './diff-sides.js';
import { PackageDiffStore } from './package-diff.store.js';

export interface Sides {
  from: Side;
  to: Side;
}

export interface PackageDiff extends Sides {
  diff: TreeDiff;
}

/** Trees whose groups are remembered. */
const MOST_TREES = 10_000;

/** What differs between revisions, as far as the caller may see it. */
@Injectable()
export class PackageDiffService {
  private readonly groups = new Recent<string[]>(MOST_TREES);

  constructor(
    private readonly sides: DiffSides,
    private readonly store: PackageDiffStore,
    private readonly comparisons: Comparisons,
  ) {}

  /** A revision, and what it is compared with. */
  sidesOf(id: string, against: string | undefined, caller: Caller): Promise<Sides> {
    return this.sides.against(id, against, caller);
  }

  async sidesBetween(from: string, to: string, caller: Caller): Promise<Sides> {
    const [before, after] = await this.sides.revisions([from, to], caller);
    if (!before || !after) throw new Error('Two revisions were found, and one of them is not there');
    return { from: before, to: after };
  }

  async diff({ from, to }: Sides, caller: Caller): Promise<PackageDiff> {
    // What is the same in both needs none.
    const groups = () => this.store.groupsThatDiffer(from.tree, to.tree);
    const options = {
      definitions: await this.definitionsFor(`${from.tree} to ${to.tree}`, groups, caller),
      showsSecrets: mayEdit(caller, from, to),
    };
    return { from, to, diff: await this.comparisons.diff({ from: from.tree, to: to.tree }, options) };
  }

  /** As `git apply` takes it. */
  async patch({ from, to }: Sides, caller: Caller): Promise<string> {
    const patch = await this.comparisons.patch({ from: from.tree, to: to.tree }, mayEdit(caller, from, to));
    if (patch !== null) return patch;
    throw new DomainError(
      'packageTooLarge',
      'What differs is too much for one unified diff. Read it as JSON, or file by file.',
    );
  }

  /** The definitions for what nobody but them describes. Kinds of the trees' own definitions are looked for as well: they count first. */
  definitions(trees: readonly string[], caller: Caller): Promise<string[]> {
    return this.definitionsFor(trees.join(' '), () => this.store.groupsIn(trees), caller);
  }

  private async definitionsFor(key: string, read: () => Promise<string[]>, caller: Caller): Promise<string[]> {
    let groups = this.groups.get(key);
    if (groups === undefined) {
      groups = (await read()).filter((group) => !isKnownGroup(group));
      this.groups.set(key, groups, 1);
    }
    return groups.length === 0 ? [] : this.store.definitionsOf(groups, caller.visibility('packages.read'));
  }
}

const mayEdit = (caller: Caller, ...sides: readonly Side[]): boolean =>
  sides.every((side) => caller.allows('packageRevisions.edit', side));
