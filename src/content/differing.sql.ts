import { Prisma } from '../database/generated/client.js';

/**
 * The entries that are not the same in two trees, each with the `side` that it is of; null: there is no such tree. A full
 * join, since that hashes or sorts: the planner takes trees of which it knows nothing yet for small, and would compare
 * each entry of the one with all of the other.
 */
export const differingSql = (from: string | null, to: string | null): Prisma.Sql => Prisma.sql`
  SELECT s.* FROM (SELECT * FROM package_file WHERE tree_oid = ${from}::text) a
  FULL JOIN (SELECT * FROM package_file WHERE tree_oid = ${to}::text) b ON a.path = b.path
  CROSS JOIN LATERAL (
    VALUES ('from', a.path, a.mode, a.blob_oid, a.size_bytes, a.raw_path), ('to', b.path, b.mode, b.blob_oid, b.size_bytes, b.raw_path)
  ) s(side, path, mode, blob_oid, size_bytes, raw_path)
  WHERE (a.path IS NULL OR b.path IS NULL OR a.mode <> b.mode OR a.blob_oid <> b.blob_oid) AND s.path IS NOT NULL`;
