import { Injectable } from '@nestjs/common';
import type { Visibility } from '../../access/grants.js';
import { Database } from '../../database/database.js';
import { Prisma } from '../../database/generated/client.js';
import type { IndexedBody } from '../../krm/dependencies/need.js';
import { type DependencyScope, INDEXED_BODY, inScope, placed, type PlacedPackage, seen } from './dependency.sql.js';

/** An object of the latest publication of a package. */
export type OfferedObject = IndexedBody & { packageId: string };

/** What is looked for in a scope. */
export interface Wanted {
  /** Pairs of kind and name. */
  objects: readonly { kind: string; name: string }[];
  /** Groups of kinds whose definitions may be needed. */
  groups: readonly string[];
  /** Names of Secrets, which other objects may make. */
  secrets: readonly string[];
}

/** Where a list of packages goes on. */
export interface PackagePlace {
  path: string;
  id: string;
}

const FILES = Prisma.sql`
  package_file f JOIN krm_object o ON o.blob_oid = f.blob_oid`;
const IS_FILE = Prisma.sql`f.raw_path IS NULL AND f.mode LIKE '100%'`;

/** Packages with their latest publications and the objects in these, as the index has them. Nothing is shown that may not be seen. */
@Injectable()
export class DependencyStore {
  constructor(private readonly database: Database) {}

  /** Null: there is no such target. */
  async targetName(id: string): Promise<string | null> {
    const row = await this.database.client.target.findUnique({ where: { id }, select: { name: true } });
    return row?.name ?? null;
  }

  /** Those that may be seen, in no order. */
  async packages(ids: readonly string[], visible: Visibility): Promise<PlacedPackage[]> {
    if (ids.length === 0) return [];
    return this.database.read(placed(Prisma.sql`p.id = ANY(${[...ids]}::uuid[]) AND ${seen(visible)}`));
  }

  /** Those of a scope, and those made from a package whose id is given, from a place on, by path. */
  async list(
    scope: DependencyScope,
    madeFrom: string | null,
    visible: Visibility,
    { from, size }: { from: PackagePlace | null; size: number },
  ): Promise<PlacedPackage[]> {
    const made = Prisma.sql`p.upstream_id = ANY(ARRAY(SELECT u.id FROM upstream u WHERE u.package_id = ${madeFrom}::uuid))`;
    const where = madeFrom === null ? inScope(scope) : Prisma.sql`(${inScope(scope)} OR ${made})`;
    const behind = from === null ? Prisma.sql`TRUE` : Prisma.sql`(p.path, p.id) >= (${from.path}, ${from.id}::uuid)`;
    return this.database.read(
      Prisma.sql`${placed(Prisma.sql`${where} AND ${seen(visible)} AND ${behind}`)} ORDER BY p.path, p.id LIMIT ${size}`,
    );
  }

  /** Those whose latest publication is proposed for deletion. */
  async leaving(ids: readonly string[]): Promise<Set<string>> {
    if (ids.length === 0) return new Set();
    const rows = await this.database.readByKey<{ id: string }>(Prisma.sql`
      SELECT l.package_id AS id FROM package_revision l
      WHERE l.package_id = ANY(${[...ids]}::uuid[]) AND l.latest AND l.lifecycle = 'deletionProposed'`);
    return new Set(rows.map(({ id }) => id));
  }

  /** Whether nothing else of the package is published that is to stay. */
  async isLast(packageId: string, revisionId: string): Promise<boolean> {
    const [other] = await this.database.readByKey(Prisma.sql`
      SELECT 1 AS other FROM package_revision r
      WHERE r.package_id = ${packageId}::uuid AND r.lifecycle = 'published' AND r.id <> ${revisionId}::uuid LIMIT 1`);
    return other === undefined;
  }

  /** All objects of trees, by tree, file and position. */
  async objects(trees: readonly string[]): Promise<(IndexedBody & { tree: string })[]> {
    if (trees.length === 0) return [];
    return this.database.read(Prisma.sql`
      SELECT f.tree_oid AS tree, ${INDEXED_BODY} FROM ${FILES}
      WHERE f.tree_oid = ANY(${[...trees]}) AND ${IS_FILE} ORDER BY f.tree_oid, f.path COLLATE "C", o.position`);
  }

  /** Objects of the packages of a scope that may be what is wanted. */
  async offers(
    scope: DependencyScope,
    { objects, groups, secrets }: Wanted,
    visible: Visibility,
  ): Promise<OfferedObject[]> {
    if (objects.length + groups.length === 0) return [];
    const [kinds, names] = [objects.map(({ kind }) => kind), objects.map(({ name }) => name)];
    const made = Prisma.sql`(o.kind IN ('Certificate', 'ExternalSecret', 'SealedSecret') AND (
      o.name = ANY(${[...secrets]}) OR o.body #>> '{spec,secretName}' = ANY(${[...secrets]})
      OR o.body #>> '{spec,target,name}' = ANY(${[...secrets]})))`;
    return this.database.read(Prisma.sql`
      SELECT p.id AS "packageId", ${INDEXED_BODY}
      FROM package p JOIN package_revision l ON l.package_id = p.id AND l.latest
        JOIN package_file f ON f.tree_oid = l.tree JOIN krm_object o ON o.blob_oid = f.blob_oid
      WHERE ${inScope(scope)} AND ${seen(visible)} AND ${IS_FILE} AND (
        (o.kind, o.name) IN (SELECT * FROM unnest(${kinds}::text[], ${names}::text[]))
        OR (o.kind = 'CustomResourceDefinition' AND o.body #>> '{spec,group}' = ANY(${[...groups]}))
        OR ${secrets.length === 0 ? Prisma.sql`FALSE` : made})`);
  }

  /** Packages of a scope by the last segment of their paths, or by these. */
  async named(scope: DependencyScope, names: readonly string[], visible: Visibility): Promise<PlacedPackage[]> {
    if (names.length === 0) return [];
    const all = [...names];
    return this.database.read(
      placed(Prisma.sql`${inScope(scope)} AND ${seen(visible)} AND (p.name = ANY(${all}) OR p.path = ANY(${all}))`),
    );
  }
}
