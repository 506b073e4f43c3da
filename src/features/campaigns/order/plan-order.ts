import { Injectable } from '@nestjs/common';
import type { CampaignChange } from '../../../domain/campaign.js';
import { DependencyResolver } from '../../dependencies/dependency-resolver.js';
import { scopeOfPackage } from '../../dependencies/dependency.sql.js';
import { grouped } from '../../dependencies/grouped.js';
import type { CampaignRow, NeededItem } from '../campaign-row.js';
import { itemOrder } from './item-order.js';
import { type PlannedPackage, PlanOrderStore } from './plan-order.store.js';

/** These go the other way: what is needed goes last. They are judged by what is there before. */
const BACKWARDS: readonly CampaignChange['type'][] = ['retire', 'rollback'];

/** Finds behind which others the items of a plan go, by what the packages of each target need of one another. */
@Injectable()
export class PlanOrder {
  constructor(
    private readonly store: PlanOrderStore,
    private readonly resolver: DependencyResolver,
  ) {}

  /** By the ids of packages; those that go behind none are left out. */
  async of({ id, change }: Pick<CampaignRow, 'id' | 'change'>): Promise<Map<string, NeededItem[]>> {
    const isBackwards = BACKWARDS.includes(change.type);
    const packages = await this.store.packages(id, isBackwards);
    const order = new Map<string, NeededItem[]>();
    for (const together of grouped(packages, (row) => JSON.stringify(scopeOfPackage(row))).values()) {
      if (together.length === 1) continue;
      const edges = await this.edges(together);
      const behind = grouped(edges, ([needer, needed]) => (isBackwards ? needed : needer));
      const places = new Map(together.map((row) => [row.id, row]));
      const items = together.map((row) => ({
        ...{ id: row.id, wave: row.wave },
        behind: (behind.get(row.id) ?? []).map(([needer, needed]) => (isBackwards ? needer : needed)),
      }));
      for (const [needer, needed] of itemOrder(items)) {
        order.set(
          needer,
          needed.map((each) => {
            const { repositoryId, path } = places.get(each.id) as PlannedPackage;
            return { packageId: each.id, repositoryId, path, order: each.order };
          }),
        );
      }
    }
    return order;
  }

  /** Which package needs which, each pair once. What may be missing orders nothing. */
  private async edges(packages: readonly PlannedPackage[]): Promise<[needer: string, needed: string][]> {
    const [first] = packages;
    if (!first) return [];
    const needs = await this.resolver.needs(packages);
    const all = packages.flatMap((needer) => (needs.get(needer.id) ?? []).map((need) => ({ needer, need })));
    const must = all.filter(({ need }) => !need.optional);
    // Who meets a need does not depend on who asks: nothing of others is told.
    const found = await this.resolver.resolve(scopeOfPackage(first), must, 'all', packages);
    const pairs = found.flatMap(({ needer, satisfiedBy }): [string, [string, string]][] =>
      satisfiedBy === null ? [] : [[`${needer.id} ${satisfiedBy.id}`, [needer.id, satisfiedBy.id]]],
    );
    return [...new Map(pairs).values()];
  }
}
