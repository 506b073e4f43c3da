-- AlterTable
ALTER TABLE "package_file" ADD COLUMN     "raw_path" BYTEA;

-- Modes that old versions of Git wrote are read as Git reads them
UPDATE "package_file" SET "mode" = CASE WHEN "mode" ~ '^100[1357]' THEN '100755' ELSE '100644' END
WHERE "mode" LIKE '100%' AND "mode" NOT IN ('100644', '100755');

-- Trees with entries that were only reported are read again, with all of them, by the next sync of their repositories
CREATE TEMPORARY TABLE "partly_read" ON COMMIT DROP AS
SELECT t."oid" FROM "package_tree" t
WHERE jsonb_path_exists(t."unsupported", '$[*] ? (@.reason == "InvalidPath" || @.reason == "TooLarge")');

CREATE TEMPORARY TABLE "to_read" ON COMMIT DROP AS
SELECT r."repository_id" AS "id" FROM "package_revision" r JOIN "partly_read" p ON p."oid" = r."tree"
UNION SELECT k."repository_id" FROM "package" k JOIN "partly_read" p ON p."oid" = k."head_tree";

UPDATE "package_tree" SET "unused_since" = now() WHERE "oid" IN (SELECT "oid" FROM "partly_read");
UPDATE "remote_ref" SET "oid" = '' WHERE "repository_id" IN (SELECT "id" FROM "to_read");
UPDATE "repository" SET "commit" = repeat('0', 40) WHERE "commit" IS NOT NULL AND "id" IN (SELECT "id" FROM "to_read");
UPDATE "repository_polling" SET "last_synced_at" = NULL, "refs_digest" = NULL, "next_sync_at" = now()
WHERE "repository_id" IN (SELECT "id" FROM "to_read");
