import type { Need, NeedKind, ObjectName } from '../../krm/dependencies/need.js';
import type { Edge } from './dependency-resolver.js';
import type { DependencyGraphResponse, DependencyResponse } from './dependency.schema.js';
import type { DependencyGraph } from './dependency.service.js';
import type { PlacedPackage } from './dependency.sql.js';
import { grouped } from './grouped.js';

const placeOf = ({ id: packageId, repositoryId, path, revision }: PlacedPackage) => ({
  ...{ packageId, repositoryId, path, revision },
});

const isMissing = ({ need, satisfiedBy }: Edge): boolean => satisfiedBy === null && !need.optional;

const nameOf = ({ kind, name }: ObjectName): string => `${kind} ${name ?? ''}`.trim();

const REASONS: Record<NeedKind, (object: ObjectName, by: string) => string> = {
  definition: ({ apiVersion, kind }, by) => `${by} is of the kind ${kind} of ${apiVersion}, which must be defined.`,
  namespace: ({ name }, by) => `${by} goes into the namespace ${name}.`,
  reference: (object, by) => `${by} names the ${nameOf(object)}.`,
  role: (object, by) => `${by} binds the ${nameOf(object)}.`,
  serviceHost: ({ namespace, name }, by) => `${by} names the host ${name}.${namespace}.svc.`,
  package: ({ name }, by) => `${by} asks for the package ${name}.`,
  upstream: ({ name }) => `It was made from ${name}.`,
};

const reasonOf = ({ kind, object, by }: Need): string => REASONS[kind](object, by === null ? '' : nameOf(by));

export function toDependency(edge: Edge): DependencyResponse {
  const { needer, need, satisfiedBy } = edge;
  const { kind, object, by, path, uses, optional } = need;
  return {
    ...{ kind, reason: reasonOf(need), object, by, path, uses, optional, package: placeOf(needer) },
    satisfiedBy: satisfiedBy && placeOf(satisfiedBy),
    missing: isMissing(edge),
  };
}

export function toGraph({ packages, edges, order, cycles, truncated }: DependencyGraph): DependencyGraphResponse {
  const byPackage = grouped(edges, ({ needer }) => needer.id);
  const known = new Set(order);
  return {
    packages: packages.map((row) => ({
      ...placeOf(row),
      package: row.package,
      missing: (byPackage.get(row.id) ?? []).filter(isMissing).length,
    })),
    edges: [...byPackage].flatMap(([from, own]) =>
      [...grouped(own, ({ satisfiedBy }) => satisfiedBy?.id)].flatMap(([to, needs]) =>
        to === undefined || !known.has(to)
          ? []
          : [
              edgeOf(
                from,
                to,
                needs.map(({ need }) => need),
              ),
            ],
      ),
    ),
    ...{ order, cycles, truncated },
  };
}

const edgeOf = (from: string, to: string, needs: readonly Need[]): DependencyGraphResponse['edges'][number] => ({
  ...{ from, to, kinds: [...new Set(needs.map(({ kind }) => kind))], needs: needs.length },
  optional: needs.every(({ optional }) => optional),
});
