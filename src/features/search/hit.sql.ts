import { type PackageRevision, Prisma } from '../../database/generated/client.js';
import type { SortKey, Sorts } from '../../database/list.sql.js';

/** An object in one place. */
export interface HitRow {
  blobOid: string;
  position: number;
  apiVersion: string;
  kind: string;
  namespace: string | null;
  name: string | null;
  /** To sort by. */
  nameKey: string;
  images: string[];
  labels: Record<string, string>;
  annotations: Record<string, string>;
  file: string;
  revisionId: string;
  revisionName: string;
  repositoryId: string;
  repository: string;
  packageId: string;
  target: string | null;
  package: string;
  packagePath: string;
  revision: string | null;
  lifecycle: PackageRevision['lifecycle'];
  latest: boolean;
}

export const FACETS = ['kind', 'namespace', 'repository', 'target', 'image', 'label'] as const;
export type Facet = (typeof FACETS)[number];

/** The columns of a {@link HitRow}. */
export const HIT = Prisma.sql`
  o.blob_oid AS "blobOid", o.position, o.api_version AS "apiVersion", o.kind, o.namespace, o.name, coalesce(o.name, '') AS "nameKey",
  coalesce(o.images, '{}') AS images, o.labels, o.annotations, f.path AS file, r.id AS "revisionId", r.name AS "revisionName", r.repository_id AS "repositoryId",
  r.repository_name AS repository, r.package_id AS "packageId", r.target, r.package_name AS package,
  r.path AS "packagePath", r.revision, r.lifecycle, r.latest`;

const IN_PLACE: readonly SortKey<HitRow>[] = [
  { key: 'blobOid', column: Prisma.sql`o.blob_oid`, type: 'text', order: 'ascending' },
  { key: 'position', column: Prisma.sql`o.position`, type: 'number', order: 'ascending' },
  { key: 'revisionId', column: Prisma.sql`r.id`, type: 'id', order: 'ascending' },
  { key: 'file', column: Prisma.sql`f.path`, type: 'text', order: 'ascending' },
];
const NAME = { key: 'nameKey', column: Prisma.sql`coalesce(o.name, '')`, type: 'text', order: 'ascending' } as const;
const KIND = { key: 'kind', column: Prisma.sql`o.kind`, type: 'text', order: 'ascending' } as const;
const REVISION = { key: 'revisionName', column: Prisma.sql`r.name`, type: 'text', order: 'ascending' } as const;

/** The first is the order by itself: equal objects beside each other, and nothing has to be sorted for a page of many. */
export const SEARCH_SORTS: Sorts<SortKey<HitRow>> = {
  object: IN_PLACE,
  name: [NAME, KIND, ...IN_PLACE],
  kind: [KIND, NAME, ...IN_PLACE],
  revision: [REVISION, ...IN_PLACE],
};
