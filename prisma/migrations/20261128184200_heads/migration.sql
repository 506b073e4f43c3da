-- CreateEnum
CREATE TYPE "HeadState" AS ENUM ('published', 'differs', 'unpublished', 'absent');

-- AlterTable
ALTER TABLE "package" ADD COLUMN     "head_changed_at" TIMESTAMPTZ(3),
ADD COLUMN     "head_revision_id" UUID,
ADD COLUMN     "head_state" "HeadState" NOT NULL DEFAULT 'absent';

-- AlterTable
ALTER TABLE "package_revision" ADD COLUMN     "base_revision" TEXT,
ADD COLUMN     "base_tree" TEXT,
ADD COLUMN     "deletion_head" TEXT;

-- CreateIndex
CREATE INDEX "package_head_state_id_idx" ON "package"("head_state", "id") WHERE (head_state <> 'published');

-- The rows that there are: what a sync and a publication write from now on
UPDATE "package" p SET "head_changed_at" = p."updated_at", "head_revision_id" = s."revision_id", "head_state" = CASE
    WHEN s."revision_id" IS NOT NULL THEN 'published'::"HeadState"
    WHEN s."any_published" THEN 'differs'::"HeadState" ELSE 'unpublished'::"HeadState" END
FROM (
  SELECT q."id",
    EXISTS (SELECT 1 FROM "package_revision" r WHERE r."package_id" = q."id" AND r."lifecycle" IN ('published', 'deletionProposed')) AS "any_published",
    (SELECT r."id" FROM "package_revision" r
      WHERE r."package_id" = q."id" AND r."tree" = q."head_tree" AND r."lifecycle" IN ('published', 'deletionProposed')
      ORDER BY r."latest" DESC, r."version_key" COLLATE "C" DESC NULLS LAST LIMIT 1) AS "revision_id"
  FROM "package" q WHERE q."head_tree" IS NOT NULL
) s WHERE s."id" = p."id";

-- On which publication a draft was begun nobody noted: on the latest of that time
UPDATE "package_revision" d SET "base_revision" = b."revision", "base_tree" = b."tree"
FROM "package_revision" o CROSS JOIN LATERAL (
  SELECT r."revision", r."tree" FROM "package_revision" r
  WHERE r."package_id" = o."package_id" AND r."version_key" IS NOT NULL AND r."published_at" <= o."created_at"
    AND r."lifecycle" IN ('published', 'deletionProposed')
  ORDER BY r."version_key" COLLATE "C" DESC LIMIT 1
) b
WHERE o."id" = d."id" AND d."lifecycle" IN ('draft', 'proposed');
