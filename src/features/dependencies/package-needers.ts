import { Injectable } from '@nestjs/common';
import { Offers } from '../../krm/dependencies/offers.js';
import { DependencyResolver } from './dependency-resolver.js';
import { type PlacedPackage, scopeOfPackage } from './dependency.sql.js';
import { DependencyStore, type PackagePlace } from './dependency.store.js';
import { grouped } from './grouped.js';

/** A package that cannot do without another. */
export interface Needer {
  needer: PlacedPackage;
  neededId: string;
}

/** Packages that are looked at in one step. */
const STEP = 100;

/** Tells what would miss a package, whoever may see that: before somebody takes it away. */
@Injectable()
export class PackageNeeders {
  constructor(
    private readonly store: DependencyStore,
    private readonly resolver: DependencyResolver,
  ) {}

  /** Whether nothing else of the package is published that is to stay. */
  isLast(packageId: string, revisionId: string): Promise<boolean> {
    return this.store.isLast(packageId, revisionId);
  }

  /** Who needs these packages, each pair once. Those whose own deletion is proposed need nothing, and upstreams are not asked for. */
  async of(packageIds: readonly string[]): Promise<Needer[]> {
    const needed = await this.store.packages(packageIds, 'all');
    const found: Needer[] = [];
    for (const together of grouped(needed, (row) => JSON.stringify(scopeOfPackage(row))).values())
      found.push(...(await this.within(together)));
    return found;
  }

  /** `needed`: packages of one scope. */
  private async within(needed: readonly PlacedPackage[]): Promise<Needer[]> {
    const [first] = needed;
    if (!first) return [];
    const scope = scopeOfPackage(first);
    const offers: Offers[] = [];
    for (const row of needed) offers.push(new Offers(await this.resolver.objects(row)));
    const names = new Set(needed.flatMap((row) => [row.package, row.path]));
    const ids = new Set(needed.map(({ id }) => id));
    const found = new Map<string, Needer>();
    for (let from: PackagePlace | null = null, more = true; more;) {
      const batch: PlacedPackage[] = await this.store.list(scope, null, 'all', { from, size: STEP + 1 });
      const leaving = await this.store.leaving(batch.map(({ id }) => id));
      const staying = batch.slice(0, STEP).filter(({ id }) => !leaving.has(id));
      const all = await this.resolver.needs(staying);
      const needs = staying.flatMap((needer) =>
        (all.get(needer.id) ?? [])
          .filter(({ optional }) => !optional)
          .filter((need) =>
            need.kind === 'package' ? names.has(need.object.name ?? '') : offers.some((offer) => offer.meets(need) > 0),
          )
          .map((need) => ({ needer, need })),
      );
      for (const { needer, satisfiedBy } of await this.resolver.resolve(scope, needs, 'all'))
        if (satisfiedBy && ids.has(satisfiedBy.id))
          found.set(`${needer.id} ${satisfiedBy.id}`, { needer, neededId: satisfiedBy.id });
      from = batch[STEP] ?? null;
      more = from !== null;
    }
    return [...found.values()];
  }
}
