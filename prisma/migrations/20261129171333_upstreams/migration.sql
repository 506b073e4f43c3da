-- CreateEnum
CREATE TYPE "UpstreamState" AS ENUM ('upToDate', 'behind', 'diverged', 'gone', 'unknown');

-- AlterEnum
ALTER TYPE "OperationKind" ADD VALUE 'upstreams';

-- AlterTable
ALTER TABLE "package" ADD COLUMN     "upstream_id" UUID;

-- AlterTable
ALTER TABLE "package_revision" ADD COLUMN     "upstream_id" UUID;

-- CreateTable
CREATE TABLE "upstream" (
    "id" UUID NOT NULL,
    "url" TEXT NOT NULL,
    "directory" TEXT NOT NULL,
    "ref" TEXT NOT NULL,
    "commit" TEXT,
    "tree" TEXT,
    "url_key" TEXT,
    "version_key" TEXT COLLATE "C",
    "state" "UpstreamState" NOT NULL DEFAULT 'unknown',
    "repository_id" UUID,
    "path" TEXT,
    "package_id" UUID,
    "behind" INTEGER,
    "revision_id" UUID,
    "revision" TEXT,
    "newest_id" UUID,
    "newest_revision" TEXT,
    "newest_version_key" TEXT COLLATE "C",
    "told_version_key" TEXT COLLATE "C",
    "telling_id" UUID,
    "told_up_to" UUID,

    CONSTRAINT "upstream_pkey" PRIMARY KEY ("id")
);

-- The ids are those that `domain/upstream-pin` gives. What the rows say is settled by the first operation `upstreams`.
UPDATE "package_revision" r SET "upstream_id" = encode(substr(sha256(convert_to(
  CASE WHEN r."upstream" ->> 'url' IS NULL THEN '-' ELSE octet_length(r."upstream" ->> 'url') || ':' || (r."upstream" ->> 'url') END
  || CASE WHEN r."upstream" ->> 'directory' IS NULL THEN '-' ELSE octet_length(r."upstream" ->> 'directory') || ':' || (r."upstream" ->> 'directory') END
  || CASE WHEN r."upstream" ->> 'ref' IS NULL THEN '-' ELSE octet_length(r."upstream" ->> 'ref') || ':' || (r."upstream" ->> 'ref') END
  || CASE WHEN r."upstream" ->> 'commit' IS NULL THEN '-' ELSE octet_length(r."upstream" ->> 'commit') || ':' || (r."upstream" ->> 'commit') END
  || CASE WHEN r."upstream" ->> 'tree' IS NULL THEN '-' ELSE octet_length(r."upstream" ->> 'tree') || ':' || (r."upstream" ->> 'tree') END
  , 'UTF8')), 1, 16), 'hex')::uuid
WHERE jsonb_typeof(r."upstream") = 'object';
INSERT INTO "upstream" ("id", "url", "directory", "ref", "commit", "tree")
SELECT DISTINCT ON (r."upstream_id") r."upstream_id", r."upstream" ->> 'url', r."upstream" ->> 'directory', r."upstream" ->> 'ref',
  r."upstream" ->> 'commit', r."upstream" ->> 'tree'
FROM "package_revision" r WHERE r."upstream_id" IS NOT NULL ORDER BY r."upstream_id";
UPDATE "package" p SET "upstream_id" = r."upstream_id" FROM "package_revision" r
WHERE r."package_id" = p."id" AND r."latest" AND r."upstream_id" IS NOT NULL;

-- CreateIndex
CREATE INDEX "upstream_url_key_directory_idx" ON "upstream"("url_key", "directory");

-- CreateIndex
CREATE INDEX "upstream_package_id_idx" ON "upstream"("package_id");

-- CreateIndex
CREATE INDEX "upstream_commit_idx" ON "upstream"("commit");

-- CreateIndex
CREATE INDEX "upstream_state_idx" ON "upstream"("state");

-- CreateIndex
CREATE INDEX "upstream_to_tell_idx" ON "upstream"("id") WHERE (newest_version_key > COALESCE(told_version_key, ''));

-- CreateIndex
CREATE INDEX "package_upstream_id_id_idx" ON "package"("upstream_id", "id") WHERE (upstream_id IS NOT NULL);

-- CreateIndex
CREATE INDEX "package_without_upstream_idx" ON "package"("id") WHERE (upstream_id IS NULL);

-- CreateIndex
CREATE INDEX "package_revision_upstream_id_id_idx" ON "package_revision"("upstream_id", "id") WHERE (upstream_id IS NOT NULL);

-- CreateIndex
CREATE INDEX "package_revision_without_upstream_idx" ON "package_revision"("id") WHERE (upstream_id IS NULL);
