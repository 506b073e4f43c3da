import { Injectable } from '@nestjs/common';
import type { Caller } from '../../access/caller.js';
import type { Visibility } from '../../access/grants.js';
import { valuesAt } from '../../database/list.sql.js';
import { notFound } from '../../domain/found.js';
import type { Part, Rows } from '../../domain/list.js';
import type { Need } from '../../krm/dependencies/need.js';
import { Offers } from '../../krm/dependencies/offers.js';
import { type Ordering, ordered } from '../../krm/dependencies/order.js';
import { DependencyResolver, type Edge } from './dependency-resolver.js';
import { type DependencyScope, type PlacedPackage, scopeOfPackage } from './dependency.sql.js';
import { DependencyStore } from './dependency.store.js';
import { grouped } from './grouped.js';

/** What the packages of a target need of each other. */
export interface DependencyGraph extends Ordering {
  packages: PlacedPackage[];
  edges: Edge[];
  /** There are more packages than are looked at. */
  truncated: boolean;
}

/** Packages that are looked at in one step, in one answer that lists who needs one, and in a graph. */
const STEP = 100;
const MOST_LOOKED_AT = 2_000;

interface Place {
  path: string;
  id: string;
  at: number;
}
const ITEMS = [{ key: 'at', type: 'number', order: 'ascending' }] as const;
const DEPENDENTS = [
  { key: 'path', type: 'text', order: 'ascending' },
  { key: 'id', type: 'id', order: 'ascending' },
  { key: 'at', type: 'number', order: 'ascending' },
] as const;

/** What packages need of one another, as far as the caller may see it: what only a hidden package meets is missing. */
@Injectable()
export class DependencyService {
  constructor(
    private readonly store: DependencyStore,
    private readonly resolver: DependencyResolver,
  ) {}

  /** What the latest publication of a package needs: its upstream first, then in the order of its objects. */
  async dependencies(packageId: string, caller: Caller, { after, size }: Part): Promise<Rows<Edge>> {
    const start = Number(valuesAt<Place>(ITEMS, after)[0] ?? 0);
    const visible = caller.visibility('packages.read');
    const [own] = await this.store.packages([packageId], visible);
    if (own === undefined) return { rows: [], next: null };
    const needs = await this.needsOf([own]);
    const edges = [
      ...(await this.resolver.upstreams([own], visible)),
      ...(await this.resolver.resolve(scopeOfPackage(own), needs, visible)),
    ];
    const end = start + size;
    return { rows: edges.slice(start, end), next: edges.length > end ? [String(end)] : null };
  }

  /** Who needs the latest publication of a package, by path. Where few do, a part may have fewer than its size, and go on. */
  async dependents(packageId: string, caller: Caller, { after, size }: Part): Promise<Rows<Edge>> {
    const [path, id, at] = valuesAt<Place>(DEPENDENTS, after);
    const visible = caller.visibility('packages.read');
    const [own] = await this.store.packages([packageId], visible);
    if (own === undefined) return { rows: [], next: null };
    const offers = new Offers(await this.resolver.objects(own));
    const rows: Edge[] = [];
    let from: Place | null = path === undefined || id === undefined ? null : { path, id, at: Number(at) };
    for (let looked = 0; looked < MOST_LOOKED_AT; looked += STEP) {
      const batch = await this.store.list(scopeOfPackage(own), own.id, visible, { from, size: STEP + 1 });
      const edges = grouped(await this.edgesTo(own, offers, batch.slice(0, STEP), visible), (edge) => edge.needer.id);
      for (const needer of batch.slice(0, STEP)) {
        const known: number = from?.id === needer.id ? from.at : 0;
        const found = (edges.get(needer.id) ?? []).slice(known);
        const left = size - rows.length;
        if (found.length > left) {
          rows.push(...found.slice(0, left));
          return { rows, next: [needer.path, needer.id, String(known + left)] };
        }
        rows.push(...found);
      }
      const next = batch[STEP];
      if (next === undefined) return { rows, next: null };
      from = { path: next.path, id: next.id, at: 0 };
    }
    return { rows, next: from === null ? null : [from.path, from.id, '0'] };
  }

  /** What the packages of a target need of each other, with an order in which each comes behind what it needs. */
  async graph(targetId: string, caller: Caller): Promise<DependencyGraph> {
    const target = await this.store.targetName(targetId);
    if (target === null) throw notFound('target', targetId);
    const visible = caller.visibility('packages.read');
    const all = await this.store.list({ target }, null, visible, { from: null, size: MOST_LOOKED_AT + 1 });
    const packages = all.slice(0, MOST_LOOKED_AT);
    const edges: Edge[] = [];
    for (let at = 0; at < packages.length; at += STEP) {
      const needs = await this.needsOf(packages.slice(at, at + STEP));
      edges.push(...(await this.resolver.resolve({ target }, needs, visible)));
    }
    const known = new Set(packages.map(({ id }) => id));
    const needed = new Map<string, string[]>();
    for (const { needer, satisfiedBy } of edges) {
      if (satisfiedBy === null || !known.has(satisfiedBy.id)) continue;
      const to = needed.get(needer.id) ?? [];
      if (!to.includes(satisfiedBy.id)) needed.set(needer.id, [...to, satisfiedBy.id]);
    }
    return { packages, edges, ...ordered([...known], needed), truncated: all.length > packages.length };
  }

  /** The edges of packages that end at one. */
  private async edgesTo(
    own: PlacedPackage,
    offers: Offers,
    packages: readonly PlacedPackage[],
    visible: Visibility,
  ): Promise<Edge[]> {
    const scope: DependencyScope = scopeOfPackage(own);
    const near = packages.filter((row) => row.id !== own.id && isWithin(scope, row));
    const needs = (await this.needsOf(near)).filter(({ need }) =>
      need.kind === 'package' ? [own.package, own.path].includes(need.object.name ?? '') : offers.meets(need) > 0,
    );
    const made = packages.filter(({ upstreamPackageId }) => upstreamPackageId === own.id);
    const edges = [
      ...(await this.resolver.upstreams(made, visible)),
      ...(await this.resolver.resolve(scope, needs, visible)),
    ];
    return edges.filter(({ satisfiedBy }) => satisfiedBy?.id === own.id);
  }

  private async needsOf(packages: readonly PlacedPackage[]): Promise<{ needer: PlacedPackage; need: Need }[]> {
    const needs = await this.resolver.needs(packages);
    return packages.flatMap((needer) => (needs.get(needer.id) ?? []).map((need) => ({ needer, need })));
  }
}

const isWithin = (scope: DependencyScope, row: PlacedPackage): boolean =>
  'target' in scope ? row.target === scope.target : row.target === null && row.repositoryId === scope.repositoryId;
