import { Injectable } from '@nestjs/common';
import type { Caller } from '../../../access/caller.js';
import { type MergedContent, Merges } from '../../../content/merges.js';
import { SubpackageStore } from '../../../content/subpackage.store.js';
import { DomainError } from '../../../domain/errors.js';
import type { UpgradeRecord } from '../../../domain/upgrade.js';
import { PackageRevisionStore } from '../../../revisions/package-revision.store.js';
import type { RevisionRow } from '../../../revisions/revision-row.js';
import type { PinnedRevision } from '../authoring/upstream.service.js';
import { assertSettled, recordOf, type Settlement, type UpgradeChoice, type UpgradePlan } from './upgrade-plan.js';
import { UpgradeService } from './upgrade.service.js';

/** The content of an upgrade of several parts of a package. */
export interface UpgradedParts {
  tree: string;
  /** What the package itself was brought to; null: only folders of it were. */
  root: { to: PinnedRevision; record: UpgradeRecord } | null;
  /** Sentences for users; of a folder with its path before it. */
  warnings: string[];
}

type Request = Omit<UpgradeChoice, 'subpackage'> & Settlement;

/** Brings whatever of a revision was made from one package to another revision of that: the revision itself, and each of its folders. */
@Injectable()
export class PartUpgrades {
  constructor(
    private readonly revisions: PackageRevisionStore,
    private readonly subpackages: SubpackageStore,
    private readonly upgrades: UpgradeService,
    private readonly merges: Merges,
  ) {}

  /** All of them, or none. Parts that are up to date stay; throws `upToDate` where all are. `pointer`: where the new upstream is named. */
  async merged(
    row: RevisionRow,
    packageId: string,
    request: Request,
    pointer: string,
    caller: Caller,
  ): Promise<UpgradedParts> {
    const current: UpgradedParts = { tree: row.tree, root: null, warnings: [] };
    const conflicts: MergedContent['conflicts'] = [];
    const upToDate: DomainError[] = [];
    let count = 0;
    for (const part of await this.revisions.partsMadeFrom(row.id, packageId)) {
      const now = { ...row, tree: current.tree };
      const plan = await this.plan(now, part, request, pointer, caller).catch((error: unknown) => {
        if (!(error instanceof DomainError) || error.code !== 'upToDate') throw error;
        upToDate.push(error);
        return null;
      });
      if (plan === null) continue;
      const merged = await this.upgrades.merge(plan, request);
      current.warnings.push(...plan.warnings.map((warning) => (part === null ? warning : `${part}: ${warning}`)));
      conflicts.push(...merged.conflicts.map((conflict) => ({ ...conflict, file: pathOf(part, conflict.file) })));
      if (part === null) current.root = { to: plan.to, record: recordOf(plan, merged.conflicts) };
      current.tree = part === null ? merged.tree : await this.merges.withFolder(current.tree, part, merged.tree);
      count += 1;
    }
    if (count === 0) throw upToDate[0] ?? foreign(row);
    assertSettled(row.name, conflicts);
    return current;
  }

  /** Null: an upgrade of what is around the folder has taken it away. */
  private async plan(
    row: RevisionRow,
    part: string | null,
    request: Request,
    pointer: string,
    caller: Caller,
  ): Promise<UpgradePlan | null> {
    if (part === null) return this.upgrades.plan(row, { ...request, subpackage: null }, pointer, caller);
    if ((await this.subpackages.upstreamOf(row.tree, part)) === null) return null;
    return this.upgrades.plan(row, { ...request, subpackage: part }, pointer, caller);
  }
}

const pathOf = (part: string | null, file: string): string => (part === null ? file : `${part}/${file}`);

const foreign = ({ name }: RevisionRow): DomainError =>
  new DomainError('stateConflict', `Neither "${name}" nor a folder of it was made from that package.`);
