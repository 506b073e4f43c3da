import { Injectable } from '@nestjs/common';
import type { Visibility } from '../../access/grants.js';
import { groupOf, type IndexedBody, type Need } from '../../krm/dependencies/need.js';
import { Offers } from '../../krm/dependencies/offers.js';
import { packageNeeds } from '../../krm/dependencies/package-needs.js';
import type { DependencyScope, PlacedPackage } from './dependency.sql.js';
import { DependencyStore, type OfferedObject, type Wanted } from './dependency.store.js';
import { grouped } from './grouped.js';
import { nearest } from './nearest.js';

/** A need of a package, and the package that meets it; null: none that may be seen does. */
export interface Edge {
  needer: PlacedPackage;
  need: Need;
  satisfiedBy: PlacedPackage | null;
}

/** Finds what packages need, and who of those that may be seen meets it. */
@Injectable()
export class DependencyResolver {
  constructor(private readonly store: DependencyStore) {}

  /** What each package needs but its upstream, by the package's id. */
  async needs(packages: readonly PlacedPackage[]): Promise<Map<string, Need[]>> {
    const objects = await this.store.objects([...new Set(packages.map(({ tree }) => tree))]);
    const byTree = grouped(objects, ({ tree }) => tree);
    return new Map(packages.map(({ id, tree }) => [id, packageNeeds(byTree.get(tree) ?? [])]));
  }

  /** The objects of a package. */
  async objects({ tree }: PlacedPackage): Promise<IndexedBody[]> {
    return this.store.objects([tree]);
  }

  /** The edges of needs of packages in one scope. `instead`: packages that are taken to hold another tree than they do. */
  async resolve(
    scope: DependencyScope,
    needs: readonly { needer: PlacedPackage; need: Need }[],
    visible: Visibility,
    instead: readonly PlacedPackage[] = [],
  ): Promise<Edge[]> {
    const replaced = new Set(instead.map(({ id }) => id));
    const offered = (await this.store.offers(scope, wantedBy(needs.map(({ need }) => need)), visible)).filter(
      ({ packageId }) => !replaced.has(packageId),
    );
    const offers = new Map<string, Offers>();
    for (const [id, objects] of grouped(offered, ({ packageId }: OfferedObject) => packageId)) {
      offers.set(id, new Offers(objects));
    }
    const found = await this.store.packages([...offers.keys()], visible);
    const held = grouped(await this.store.objects([...new Set(instead.map(({ tree }) => tree))]), ({ tree }) => tree);
    for (const { id, tree } of instead) offers.set(id, new Offers(held.get(tree) ?? []));
    const names = needs.flatMap(({ need }) => (need.kind === 'package' ? (need.object.name ?? []) : []));
    const others = (await this.store.named(scope, [...new Set(names)], visible)).filter(({ id }) => !replaced.has(id));
    const named = [...others, ...instead];
    const providers = new Map([...found, ...instead].map((row) => [row.id, row]));
    return needs.map(({ needer, need }) => {
      const providing =
        need.kind === 'package'
          ? named.filter((row) => row.package === need.object.name || row.path === need.object.name)
          : best(need, offers).flatMap((id) => providers.get(id) ?? []);
      return { needer, need, satisfiedBy: nearest(needer, providing) };
    });
  }

  /** The edges of packages to what they were made from. */
  async upstreams(packages: readonly PlacedPackage[], visible: Visibility): Promise<Edge[]> {
    const ids = packages.flatMap(({ upstreamPackageId }) => upstreamPackageId ?? []);
    const found = new Map((await this.store.packages([...new Set(ids)], visible)).map((row) => [row.id, row]));
    return packages.flatMap((needer) => {
      if (needer.upstream === null) return [];
      const satisfiedBy = found.get(needer.upstreamPackageId ?? '') ?? null;
      return [{ needer, need: upstreamNeed(needer.upstream), satisfiedBy }];
    });
  }
}

/** Packages that meet a need by the namespace that it names, or else by one that is not written. */
function best(need: Need, offers: ReadonlyMap<string, Offers>): string[] {
  const met = [...offers].map(([id, offer]) => ({ id, how: offer.meets(need) })).filter(({ how }) => how > 0);
  const most = Math.max(...met.map(({ how }) => how));
  return met.filter(({ how }) => how === most).map(({ id }) => id);
}

function wantedBy(needs: readonly Need[]): Wanted {
  const objects = needs
    .filter(({ kind }) => kind !== 'definition' && kind !== 'package')
    .map(({ object: { kind, name } }) => ({ kind, name: name ?? '' }));
  const groups = needs.filter(({ kind }) => kind === 'definition').map(({ object }) => groupOf(object.apiVersion));
  const secrets = objects.filter(({ kind }) => kind === 'Secret').map(({ name }) => name);
  return { objects, groups: [...new Set(groups)], secrets: [...new Set(secrets)] };
}

/** What it was made from is no object: it is named by its folder, without the address, which may bear a password. */
const upstreamNeed = ({ directory }: { directory: string }): Need => ({
  ...{ kind: 'upstream', by: null, path: '', optional: false, uses: 1 },
  object: { apiVersion: '', kind: 'Package', namespace: null, name: directory === '' ? '/' : directory },
});
