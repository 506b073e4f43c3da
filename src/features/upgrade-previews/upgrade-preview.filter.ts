import { conditionsOf, type FilterOf, type Filters } from '../../database/filters.js';
import { Prisma, type UpgradePreview } from '../../database/generated/client.js';
import type { SortKey, Sorts } from '../../database/list.sql.js';

/** Conditions on a row `u` of upgrade_preview. */
const FILTERS = {
  repository: (name: string) => Prisma.sql`u.repository_id = (SELECT id FROM repository WHERE name = ${name})`,
  repositoryId: (id: string) => Prisma.sql`u.repository_id = ${id}::uuid`,
  path: (path: string) => Prisma.sql`u.path = ${path}`,
  packageRevisionId: (id: string) => Prisma.sql`u.revision_id = ${id}::uuid`,
  applied: (isApplied: boolean) =>
    isApplied ? Prisma.sql`u.applied_to IS NOT NULL` : Prisma.sql`u.applied_to IS NULL`,
} satisfies Filters<Prisma.Sql>;

/** Ids are in the order of time. */
export const PREVIEW_SORTS: Sorts<SortKey<Pick<UpgradePreview, 'id'>>> = {
  createdAt: [{ key: 'id', column: Prisma.sql`u.id`, type: 'id', order: 'ascending' }],
};

export type PreviewFilter = FilterOf<typeof FILTERS>;

export const previewConditions = (filter: PreviewFilter): Prisma.Sql[] => conditionsOf(FILTERS, filter);
