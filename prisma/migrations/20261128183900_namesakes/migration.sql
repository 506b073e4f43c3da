-- A package that is called as the repository's directory, right below it, has a name of its own
CREATE TEMPORARY TABLE "namesake" ON COMMIT DROP AS
SELECT "id", regexp_replace("directory", '^.*/', '') AS "path" FROM "repository" WHERE "directory" <> '';

UPDATE "package_revision" r SET "name" = concat_ws('.', split_part(r."name", '.', 1), split_part(r."name", '.', 2), ':',
  split_part(r."name", '.', 4), split_part(r."name", '.', 5))
FROM "namesake" n WHERE r."repository_id" = n."id" AND r."path" = n."path";

-- What was left out because its name was taken is read again
UPDATE "remote_ref" SET "oid" = '' WHERE "repository_id" IN
  (SELECT p."repository_id" FROM "package" p JOIN "namesake" n ON n."id" = p."repository_id" AND p."path" IN ('', n."path")
   GROUP BY 1 HAVING count(*) = 2);
UPDATE "repository_polling" SET "refs_digest" = NULL, "next_sync_at" = now() WHERE "repository_id" IN
  (SELECT p."repository_id" FROM "package" p JOIN "namesake" n ON n."id" = p."repository_id" AND p."path" IN ('', n."path")
   GROUP BY 1 HAVING count(*) = 2);
