import { Injectable } from '@nestjs/common';
import type { Caller } from '../../../access/caller.js';
import { MOST_ITEMS } from '../../../domain/bulk.js';
import type { CampaignSelection } from '../../../domain/campaign.js';
import { DomainError } from '../../../domain/errors.js';
import type { RevisionFilter } from '../../../revisions/package-revision.filter.js';
import { PackageRevisionStore } from '../../../revisions/package-revision.store.js';
import type { RevisionRow } from '../../../revisions/revision-row.js';
import { unknownReference } from '../../package-revisions/authoring/upstream.service.js';
import { PackageRevisionService } from '../../package-revisions/package-revision.service.js';
import { CampaignChoiceStore } from './campaign-choice.store.js';

/** Revisions that a page of the filter reads. */
const PAGE = 1_000;

/** Finds what a campaign is about, as far as its planner sees it. What is not there is left out. */
@Injectable()
export class Selection {
  constructor(
    private readonly revisions: PackageRevisionStore,
    private readonly service: PackageRevisionService,
    private readonly store: CampaignChoiceStore,
  ) {}

  /** The latest publications of the packages. */
  async published(selection: CampaignSelection, caller: Caller): Promise<RevisionRow[]> {
    return this.chosen(selection, { latest: true }, caller, async (ids) =>
      [...(await this.revisions.latestOf(ids)).values()].map(({ id }) => id),
    );
  }

  /** Their drafts and proposals, the oldest of each. */
  async drafts(selection: CampaignSelection, caller: Caller): Promise<RevisionRow[]> {
    const open = { lifecycle: selection.filter?.lifecycle ? undefined : (['draft', 'proposed'] as const) };
    const filter = open.lifecycle ? { lifecycle: [...open.lifecycle] } : {};
    return this.chosen(selection, filter, caller, (ids) => this.store.openOf(ids));
  }

  /** Throws `invalidBody` where the selection names a variant set that is not there, or that the caller may not see. */
  async assertKnown({ variantSetId }: CampaignSelection, caller: Caller): Promise<void> {
    if (variantSetId === undefined || (await this.seesSet(variantSetId, caller))) return;
    const message = `There is no variant set with the id ${variantSetId}.`;
    throw unknownReference('/selection/variantSetId', message);
  }

  private async chosen(
    { filter, packageIds, revisionIds, variantSetId }: CampaignSelection,
    more: RevisionFilter,
    caller: Caller,
    ofPackages: (ids: string[]) => Promise<string[]>,
  ): Promise<RevisionRow[]> {
    if (filter) return onePerPackage(await this.matching({ ...revived(filter), ...more }, caller));
    const ofSet = variantSetId === undefined ? [] : await this.membersOf(variantSetId, caller);
    const ids = revisionIds ?? (await ofPackages(packageIds ?? ofSet));
    const rows = await this.revisions.findAll(ids);
    return onePerPackage(rows.filter((row) => caller.allows('packages.read', row)));
  }

  private async membersOf(variantSetId: string, caller: Caller): Promise<string[]> {
    return (await this.seesSet(variantSetId, caller)) ? this.store.packagesOfSet(variantSetId) : [];
  }

  /** A set is seen by whoever sees its repository as a whole. */
  private async seesSet(variantSetId: string, caller: Caller): Promise<boolean> {
    const repositoryId = await this.store.repositoryOfSet(variantSetId);
    return repositoryId !== null && caller.allows('variants.read', { repositoryId });
  }

  private async matching(filter: RevisionFilter, caller: Caller): Promise<RevisionRow[]> {
    const found: RevisionRow[] = [];
    for (let after: readonly string[] | undefined, more = true; more;) {
      const { rows, next } = await this.service.list(filter, caller, { after, size: PAGE });
      found.push(...rows);
      if (found.length > MOST_ITEMS)
        throw new DomainError('stateConflict', `More than ${MOST_ITEMS} package revisions match the selection.`);
      after = next ?? undefined;
      more = next !== null;
    }
    return found;
  }
}

/** In the order of repositories and paths. */
function onePerPackage(rows: readonly RevisionRow[]): RevisionRow[] {
  const packages = new Map<string, RevisionRow>();
  for (const row of rows.toSorted((one, other) => (one.id < other.id ? -1 : 1)))
    if (!packages.has(row.packageId)) packages.set(row.packageId, row);
  const place = ({ repositoryName, path }: RevisionRow) => `${repositoryName}\0${path}`;
  return [...packages.values()].sort((one, other) => (place(one) < place(other) ? -1 : 1));
}

/** Times are text in JSON. */
const revived = (filter: Record<string, unknown>): RevisionFilter =>
  Object.fromEntries(
    Object.entries(filter).map(([name, value]) => [
      name,
      /(Since|Until)$/.test(name) && typeof value === 'string' ? new Date(value) : value,
    ]),
  );
