-- AlterTable
ALTER TABLE "upgrade_preview" ADD COLUMN     "subpackage" TEXT;

-- CreateTable
CREATE TABLE "subpackage" (
    "tree_oid" TEXT NOT NULL,
    "path" TEXT NOT NULL,
    "url" TEXT NOT NULL,
    "directory" TEXT NOT NULL,
    "ref" TEXT NOT NULL,
    "commit" TEXT,
    "upstream_id" UUID NOT NULL,

    CONSTRAINT "subpackage_pkey" PRIMARY KEY ("tree_oid","path")
);

-- CreateIndex
CREATE INDEX "subpackage_upstream_id_idx" ON "subpackage"("upstream_id");

-- AddForeignKey
ALTER TABLE "subpackage" ADD CONSTRAINT "subpackage_tree_oid_fkey" FOREIGN KEY ("tree_oid") REFERENCES "package_tree"("oid") ON DELETE CASCADE ON UPDATE CASCADE;

-- What is known of content that was read before, as `krm/kptfile-upstream` reads it. What the rows of `upstream` say is settled by
-- the next operation `upstreams`.
INSERT INTO "subpackage" ("tree_oid", "path", "url", "directory", "ref", "commit", "upstream_id")
SELECT k."tree_oid", k."path", k."url", k."directory", k."ref", k."commit", encode(substr(sha256(convert_to(
  CASE WHEN k."url" IS NULL THEN '-' ELSE octet_length(k."url") || ':' || k."url" END
  || CASE WHEN k."directory" IS NULL THEN '-' ELSE octet_length(k."directory") || ':' || k."directory" END
  || CASE WHEN k."ref" IS NULL THEN '-' ELSE octet_length(k."ref") || ':' || k."ref" END
  || CASE WHEN k."commit" IS NULL THEN '-' ELSE octet_length(k."commit") || ':' || k."commit" END
  || '-', 'UTF8')), 1, 16), 'hex')::uuid
FROM (
  SELECT f."tree_oid", left(f."path", -8) AS "path", left(g."git" ->> 'repo', 2048) AS "url",
    trim(BOTH '/' FROM left(g."git" ->> 'directory', 2048)) AS "directory", left(g."git" ->> 'ref', 2048) AS "ref",
    left(g."git" ->> 'commit', 64) AS "commit"
  FROM "package_file" f JOIN "krm_object" o ON o."blob_oid" = f."blob_oid" AND o."position" = 0 AND o."kind" = 'Kptfile'
  CROSS JOIN LATERAL (
    SELECT CASE WHEN jsonb_typeof(o."body" #> '{upstreamLock,git,commit}') = 'string' THEN o."body" #> '{upstreamLock,git}'
      ELSE (o."body" #> '{upstream,git}') - 'commit' END AS "git"
  ) g
  WHERE f."path" LIKE '%/Kptfile' AND f."mode" LIKE '100%' AND jsonb_typeof(o."body" #> '{upstream,git}') = 'object'
    AND jsonb_typeof(g."git" -> 'repo') = 'string' AND jsonb_typeof(g."git" -> 'directory') = 'string'
    AND jsonb_typeof(g."git" -> 'ref') = 'string'
) k
ON CONFLICT DO NOTHING;
INSERT INTO "upstream" ("id", "url", "directory", "ref", "commit")
SELECT DISTINCT ON (s."upstream_id") s."upstream_id", s."url", s."directory", s."ref", s."commit"
FROM "subpackage" s JOIN "package_revision" r ON r."tree" = s."tree_oid" ORDER BY s."upstream_id"
ON CONFLICT DO NOTHING;
