import { Injectable } from '@nestjs/common';
import type { Caller } from '../../../access/caller.js';
import { ContentService } from '../../../content/content.service.js';
import { ContentStore } from '../../../content/content.store.js';
import { type LookedAt, type MergedContent, Merges } from '../../../content/merges.js';
import { SubpackageStore } from '../../../content/subpackage.store.js';
import { DomainError } from '../../../domain/errors.js';
import type { UpgradeRecord } from '../../../domain/upgrade.js';
import { PACKAGE_CONTEXT } from '../../../krm/package-context.js';
import { PackageRevisionStore } from '../../../revisions/package-revision.store.js';
import type { RevisionRow } from '../../../revisions/revision-row.js';
import { PackageDiffService } from '../../package-diffs/package-diff.service.js';
import type { PinnedRevision, ReadRevisions } from '../authoring/upstream.service.js';
import { foldersLeft, isOfPackageAlone, withFolders } from './folder-remarks.js';
import {
  assertSettled,
  recordOf,
  type Settlement,
  type UpgradeChoice,
  type UpgradePlan,
  type UpgradeSubject,
} from './upgrade-plan.js';
import { UpgradeTargets } from './upgrade-targets.js';

/** Brings packages to other revisions of their upstreams: three versions are merged, and what comes out is content like any other. */
@Injectable()
export class UpgradeService {
  constructor(
    private readonly targets: UpgradeTargets,
    private readonly revisions: PackageRevisionStore,
    private readonly store: ContentStore,
    private readonly merges: Merges,
    private readonly diffs: PackageDiffService,
    private readonly contents: ContentService,
    private readonly subpackages: SubpackageStore,
  ) {}

  /**
   * What the upgrade is about. `pointer`: where in the request the new upstream is named; `read`: revisions that are not read
   * again, for a plan that is only shown.
   */
  async plan(
    row: RevisionRow,
    choice: UpgradeChoice,
    pointer: string,
    caller: Caller,
    read?: ReadRevisions,
  ): Promise<UpgradePlan> {
    const { subpackage } = choice;
    const { subject, to, warnings } = await this.targetOf(row, choice, pointer, caller, read);
    const trees = { base: await this.baseOf(subject, caller), ours: subject.tree, theirs: to.upstream.tree };
    const { url: repo, directory, ref, commit } = to.upstream;
    const definitions = await this.diffs.definitions([trees.theirs, trees.ours], caller);
    const name = subpackage === null ? row.packageName : null;
    const origin = { name, upstream: { repo, directory, ref, commit }, strategy: choice.strategy };
    return {
      from: subject,
      ...{ to, trees, warnings: row.latest || subpackage !== null ? warnings : [...warnings, olderThanLatest(row)] },
      strategy: choice.strategy,
      options: { strategy: choice.strategy, origin, definitions },
    };
  }

  /** Plans an upgrade: which revision it changes, and to which upstream. Where the package itself is refused, the error names its folders that are behind. */
  private async targetOf(
    row: RevisionRow,
    choice: UpgradeChoice,
    pointer: string,
    caller: Caller,
    read?: ReadRevisions,
  ): Promise<{ subject: UpgradeSubject; to: PinnedRevision; warnings: string[] }> {
    const { subpackage } = choice;
    try {
      const subject = subpackage === null ? await this.packageOf(row, read) : await this.subpackageOf(row, subpackage);
      return { subject, ...(await this.targets.find(subject, choice, pointer, caller, read)) };
    } catch (error) {
      if (subpackage !== null || !(error instanceof DomainError) || !isOfPackageAlone(error, row)) throw error;
      throw withFolders(error, (await this.revisions.findDetail(row.id))?.subpackages ?? []);
    }
  }

  /** Sentences on the folders that an upgrade of the package itself leaves as they are, though they were made from the same one. */
  async foldersLeft({ id }: RevisionRow, { to }: Pick<UpgradePlan, 'to'>): Promise<string[]> {
    const parts = await this.revisions.partsMadeFrom(id, to.row.packageId);
    return foldersLeft(parts.flatMap((path) => path ?? []));
  }

  /** What the merge gives; conflicts that are not settled stay as ours has it. Throws `oursChanged` for a fast-forward of what was changed. */
  async merge(
    { trees, options }: Pick<UpgradePlan, 'trees' | 'options'>,
    settlement: Settlement,
  ): Promise<MergedContent> {
    const merged = await this.merges.merge(trees, { ...options, ...settlement });
    if (options.strategy === 'fast-forward') assertUnchanged(merged);
    return merged;
  }

  /** What the merge of trees that were merged before has given. */
  look({ trees, options }: Pick<UpgradePlan, 'trees' | 'options'>, settlement: Settlement): Promise<LookedAt> {
    return this.merges.look(trees, { ...options, ...settlement });
  }

  /** The content of an upgrade whose conflicts are all settled, and how it came to be. */
  async merged(
    row: RevisionRow,
    plan: UpgradePlan,
    settlement: Settlement,
  ): Promise<{ tree: string; record: UpgradeRecord }> {
    const { tree, conflicts } = await this.merge(plan, settlement);
    assertSettled(row.name, conflicts);
    return { tree, record: recordOf(plan, conflicts) };
  }

  private async packageOf(
    { name, upstream, upstreamRevisionId: id, tree }: RevisionRow,
    read?: ReadRevisions,
  ): Promise<UpgradeSubject> {
    if (upstream !== null) {
      const madeFrom = id === null ? null : (read?.get(id) ?? (await this.revisions.find(id)));
      return { name, upstream, madeFrom, tree };
    }
    throw new DomainError('stateConflict', `"${name}" was not made from another package: it has no upstream.`);
  }

  /** A folder of a revision that has an upstream of its own, as a package of its own. */
  private async subpackageOf({ name, tree }: RevisionRow, path: string): Promise<UpgradeSubject> {
    const upstream = await this.subpackages.upstreamOf(tree, path);
    if (upstream === null) {
      throw new DomainError('stateConflict', `"${path}" of "${name}" is no folder whose Kptfile names an upstream.`);
    }
    const { url, ref, commit } = upstream;
    return {
      ...{ name: `${name}/${path}`, upstream },
      madeFrom: commit === null ? null : await this.revisions.publishedAt(url, ref, commit),
      tree: await this.contents.saveFolder(tree, path),
    };
  }

  /** The tree that ours was made from. Not of what the caller may not see: a Kptfile can name anything, and conflicts show it. */
  private async baseOf({ name, upstream, madeFrom: named }: UpgradeSubject, caller: Caller): Promise<string> {
    const { url, ref, commit, tree, fromGit } = upstream;
    const isSeen = named === null || caller.allows('packages.read', named);
    if (isSeen && named !== null && (commit === null || named.commit === commit)) return named.tree;
    const known = commit === null ? null : await this.revisions.publishedAt(url, ref, commit);
    const found = known !== null && caller.allows('packages.read', known) ? known.tree : null;
    const base = isSeen || fromGit ? (tree ?? found) : null;
    if (base !== null && (await this.store.describeTrees([base])).length > 0) return base;
    throw new DomainError(
      'baseGone',
      `What "${name}" was made from (${ref}${commit === null ? '' : ` at ${commit.slice(0, 12)}`} of ${url}) is not known ` +
        'any more. Register that repository again, or take the new revision by hand.',
    );
  }
}

/** That a deployment names itself is no change of anybody's. */
function assertUnchanged({ kept, conflicts }: MergedContent): void {
  const changed = kept.filter(({ file, path }) => file !== PACKAGE_CONTEXT || path !== '');
  const files = [...new Set([...changed, ...conflicts].map(({ file }) => file))].sort();
  if (files.length === 0) return;
  throw new DomainError(
    'oursChanged',
    `The package was changed since it was made (${files.length} files): a fast-forward would lose that. Take \`resource-merge\`.`,
    { files },
  );
}

const olderThanLatest = ({ name, revision }: RevisionRow): string =>
  `"${name}" (${revision}) is not the latest revision of its package: publishing this takes back what came since.`;
