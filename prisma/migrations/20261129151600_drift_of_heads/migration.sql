-- What differed before drift was written down. Ids are in the order of time, as those that the service makes.
WITH "differing" AS (
  SELECT p.* FROM "package" p JOIN "repository" s ON s."id" = p."repository_id"
  WHERE p."head_state" = 'differs' OR (
    p."head_state" = 'absent' AND s."commit" IS NOT NULL AND COALESCE(s."discovery" ->> 'mode', 'kptfile') = 'kptfile'
    AND EXISTS (
      SELECT 1 FROM "package_revision" r
      WHERE r."package_id" = p."id" AND r."lifecycle" IN ('published', 'deletionProposed') AND NOT r."external"))
), "found" AS (
  INSERT INTO "drift" ("id", "repository_id", "key", "kind", "state", "path", "ref", "git_tree", "held_commit", "held_tree", "held_revision",
    "held_workspace", "held_upstream", "found_at", "updated_at")
  SELECT (lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint), 12, '0') || '7' || substr(md5(p."id"::text), 1, 3)
    || '8' || substr(md5(p."id"::text), 4, 15))::uuid,
    p."repository_id", 'head ' || p."path", 'headDiffers', 'open', p."path", 'refs/heads/' || s."ref", p."head_tree",
    l."commit", l."tree", l."revision", l."workspace", l."upstream", now(), now()
  FROM "differing" p
  JOIN "repository" s ON s."id" = p."repository_id"
  LEFT JOIN "package_revision" l ON l."package_id" = p."id" AND l."latest"
)
UPDATE "package" SET "drift_state" = 'open' WHERE "id" IN (SELECT "id" FROM "differing");
