-- AlterTable
ALTER TABLE "package_revision" ADD COLUMN     "external" BOOLEAN NOT NULL DEFAULT false;

-- What this service has published is in its audit log, or has the approval that was its last decision.
UPDATE "package_revision" r SET "external" = true
WHERE r."lifecycle" IN ('published', 'deletionProposed')
AND r."last_decision" ->> 'action' IS DISTINCT FROM 'approve'
AND NOT EXISTS (
  SELECT 1 FROM "audit_entry" a WHERE a."resource_id" = r."id"::text AND a."action" = 'packageRevision.published'
);
