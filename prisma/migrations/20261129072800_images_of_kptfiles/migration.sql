-- Functions of a Kptfile without a registry were taken for images of Docker's own. Those files are read again in the background
WITH "again" AS (
  UPDATE "krm_object" SET "body" = NULL
  WHERE "kind" = 'Kptfile' AND EXISTS (SELECT 1 FROM unnest("images") "image" WHERE "image" LIKE 'docker.io/library/%')
  RETURNING 1
)
INSERT INTO "operation" ("id", "kind", "state", "target", "requested_by", "created_at")
SELECT (lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint), 12, '0') || '7' || substr(md5(random()::text), 1, 3)
    || '8' || substr(md5(random()::text), 1, 15))::uuid, 'retention', 'queued',
  '{"type": "Instance", "id": "00000000-0000-0000-0000-000000000000", "name": "pkgserver"}', 'pkgserver:worker', now()
WHERE EXISTS (SELECT 1 FROM "again");
