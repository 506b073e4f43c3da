import { Injectable } from '@nestjs/common';
import { DomainError } from '../../../domain/errors.js';
import { type Needer, PackageNeeders } from '../../dependencies/package-needers.js';
import type { CampaignRow, ItemRow, NeededItem } from '../campaign-row.js';
import { PlanOrderStore } from './plan-order.store.js';

/** Sees to it that nothing is retired that packages need which stay. */
@Injectable()
export class RetirementGuard {
  constructor(
    private readonly store: PlanOrderStore,
    private readonly needers: PackageNeeders,
  ) {}

  /** What a plan may not retire, by the ids of packages, with who needs it: those have to be in the plan as well. */
  async kept({ id, change }: Pick<CampaignRow, 'id' | 'change'>): Promise<Map<string, NeededItem[]>> {
    const kept = new Map<string, NeededItem[]>();
    if (change.type !== 'retire' || change.force) return kept;
    const going = new Set((await this.store.packages(id, true)).map((row) => row.id));
    const needers = await this.needers.of([...going]);
    // What stays needs others in its turn.
    for (let found: Needer[] = needers; found.length > 0;) {
      found = needers.filter(({ needer, neededId }) => going.has(neededId) && !going.has(needer.id));
      for (const { neededId } of found) going.delete(neededId);
      for (const { neededId } of found) kept.set(neededId, []);
    }
    for (const { needer, neededId } of needers) {
      if (going.has(needer.id)) continue;
      const { id: packageId, repositoryId, path } = needer;
      kept.get(neededId)?.push({ packageId, repositoryId, path, order: 'notPlanned' });
    }
    return kept;
  }

  /** Throws `inUse` where a package needs it now that the campaign does not retire, or has failed to. */
  async assertNotNeeded({ campaignId, packageId, path }: ItemRow, { change }: CampaignRow): Promise<void> {
    if (change.type !== 'retire' || change.force) return;
    const needers = (await this.needers.of([packageId])).map(({ needer }) => needer.id);
    const going = await this.store.going(campaignId, needers);
    if (needers.every((id) => going.has(id))) return;
    throw new DomainError('inUse', `Packages that stay need "${path}". Plan them as well, or set \`force\`.`);
  }
}
