-- Links to revisions that are gone, or are not any more what was cloned
UPDATE "package_revision" r SET "upstream_revision_id" = NULL
WHERE r."upstream_revision_id" IS NOT NULL AND NOT EXISTS (
  SELECT 1 FROM "package_revision" u
  WHERE u."id" = r."upstream_revision_id" AND u."commit" = r."upstream" ->> 'commit'
);

-- AddForeignKey
ALTER TABLE "package_revision" ADD CONSTRAINT "package_revision_upstream_revision_id_fkey" FOREIGN KEY ("upstream_revision_id") REFERENCES "package_revision"("id") ON DELETE SET NULL ON UPDATE CASCADE;
