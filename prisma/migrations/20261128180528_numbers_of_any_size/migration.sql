-- AlterTable
ALTER TABLE "revision_counter" ALTER COLUMN "highest" SET DATA TYPE DECIMAL(100,0);

-- Numbers of more than nine digits were no versions
UPDATE "package_revision" r SET "version_key" = (
  SELECT string_agg(
    CASE WHEN length(n.digits) > 10 THEN ':' || lpad(length(n.digits)::text, 4, '0') || n.digits
      ELSE lpad(n.digits, 10, '0') END, '.' ORDER BY n.place) || '~'
  FROM (
    SELECT place, regexp_replace(coalesce(part, '0'), '^0+(?=[0-9])', '') AS digits
    FROM unnest(regexp_match(r."revision", '^v?([0-9]{1,99})(?:[.]([0-9]{1,99}))?(?:[.]([0-9]{1,99}))?(?:[+][0-9A-Za-z.-]+)?$'))
      WITH ORDINALITY AS p(part, place)
  ) n
)
WHERE r."version_key" IS NULL AND r."revision" ~ '^v?[0-9]{1,99}([.][0-9]{1,99}){0,2}([+][0-9A-Za-z.-]+)?$';

INSERT INTO "revision_counter" ("repository_id", "path", "highest")
SELECT r."repository_id", r."path", max(substring(r."revision" FROM '^v([0-9]+)')::numeric) FROM "package_revision" r
WHERE r."revision" ~ '^v[0-9]{10,99}([.+-].*)?$' GROUP BY 1, 2
ON CONFLICT ("repository_id", "path") DO UPDATE SET "highest" = greatest("revision_counter"."highest", excluded."highest");

-- A pre-release is the latest only where there is no release
WITH top AS (
  SELECT DISTINCT ON (v."package_id") v."id" FROM "package_revision" v
  WHERE v."version_key" IS NOT NULL AND v."lifecycle" IN ('published', 'deletionProposed')
  ORDER BY v."package_id", right(v."version_key", 1) = '~' DESC, v."version_key" COLLATE "C" DESC, v."revision" DESC
)
UPDATE "package_revision" r SET "latest" = NOT r."latest" WHERE r."latest" <> (r."id" IN (SELECT "id" FROM top));
