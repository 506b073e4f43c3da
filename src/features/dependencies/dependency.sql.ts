import type { Visibility } from '../../access/grants.js';
import { visibleSql } from '../../access/visibility.sql.js';
import { Prisma } from '../../database/generated/client.js';

/** The packages that are looked at together: those that go to one target, or those of one repository that go to none. */
export type DependencyScope = { target: string } | { repositoryId: string };

export const scopeOfPackage = ({
  target,
  repositoryId,
}: {
  target: string | null;
  repositoryId: string;
}): DependencyScope => (target === null ? { repositoryId } : { target });

/** The condition on rows `p` of package. */
export const inScope = (scope: DependencyScope): Prisma.Sql =>
  'target' in scope
    ? Prisma.sql`p.target = ${scope.target}`
    : Prisma.sql`(p.repository_id = ${scope.repositoryId}::uuid AND p.target IS NULL)`;

export const seen = (visible: Visibility): Prisma.Sql => visibleSql(visible, 'p') ?? Prisma.sql`TRUE`;

/** A package as its edges name it, with what is published of it latest. */
export interface PlacedPackage {
  id: string;
  repositoryId: string;
  repository: string;
  path: string;
  target: string | null;
  package: string;
  tree: string;
  revision: string | null;
  /** The package that it was made from, whether or not that may be seen; null: from nothing, or from what is not here. */
  upstreamPackageId: string | null;
  /** Where it was made from; null: from nothing. */
  upstream: { directory: string } | null;
}

/** `PlacedPackage` of rows `p`; those without a publication are left out. */
export const placed = (conditions: Prisma.Sql): Prisma.Sql => Prisma.sql`
  SELECT p.id, p.repository_id AS "repositoryId", s.name AS repository, p.path, p.target, p.name AS package, l.tree, l.revision,
    x.package_id AS "upstreamPackageId",
    CASE WHEN x.id IS NOT NULL THEN json_build_object('directory', x.directory) END AS upstream
  FROM package p JOIN package_revision l ON l.package_id = p.id AND l.latest JOIN repository s ON s.id = p.repository_id
    LEFT JOIN upstream x ON x.id = p.upstream_id
  WHERE ${conditions}`;

/**
 * The columns of rows `o` of krm_object in files `f`, as `IndexedBody`. Of a definition, whose schemas are long, there is what
 * names it and where it is converted.
 */
export const INDEXED_BODY = Prisma.sql`
  f.path AS file, o.api_version AS "apiVersion", o.kind, o.namespace, o.name,
  COALESCE(o.annotations ->> 'config.kubernetes.io/local-config', 'false') <> 'false' AS "isLocal",
  CASE WHEN o.kind = 'CustomResourceDefinition' THEN jsonb_build_object('spec', jsonb_build_object(
    'group', o.body #> '{spec,group}', 'names', o.body #> '{spec,names}', 'conversion', o.body #> '{spec,conversion}'
  )) ELSE o.body END AS body`;
