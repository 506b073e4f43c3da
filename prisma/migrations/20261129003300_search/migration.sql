-- AlterTable
ALTER TABLE "krm_object" ADD COLUMN     "body" JSONB,
ADD COLUMN     "images" TEXT[] DEFAULT ARRAY[]::TEXT[];

-- CreateIndex
CREATE INDEX "package_revision_tree_idx" ON "package_revision"("tree");

-- CreateIndex
CREATE INDEX "package_revision_latest_tree_idx" ON "package_revision"("tree") WHERE (latest);

-- CreateIndex
CREATE INDEX "package_file_blob_oid_idx" ON "package_file"("blob_oid");

-- CreateIndex
CREATE INDEX "krm_object_name_kind_idx" ON "krm_object"("name", "kind");

-- CreateIndex
CREATE INDEX "krm_object_body_idx" ON "krm_object" USING GIN ("body" jsonb_path_ops);

-- CreateIndex
CREATE INDEX "krm_object_labels_idx" ON "krm_object" USING GIN ("labels" jsonb_path_ops) WHERE (labels <> '{}');

-- CreateIndex
CREATE INDEX "krm_object_images_idx" ON "krm_object" USING GIN ("images") WHERE (images <> '{}');

-- CreateIndex
CREATE INDEX "krm_object_without_body_idx" ON "krm_object"("blob_oid") WHERE (body IS NULL);

-- New entries wait in a list of their own until autovacuum sorts them in: a first sync does not wait for that
ALTER INDEX "krm_object_body_idx" SET (gin_pending_list_limit = 65536);

-- What is indexed already gets its bodies in the background, from the next run of the retention on, which is now
INSERT INTO "operation" ("id", "kind", "state", "target", "requested_by", "created_at")
SELECT (lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint), 12, '0') || '7' || substr(md5(random()::text), 1, 3)
    || '8' || substr(md5(random()::text), 1, 15))::uuid, 'retention', 'queued',
  '{"type": "Instance", "id": "00000000-0000-0000-0000-000000000000", "name": "pkgserver"}', 'pkgserver:worker', now()
WHERE EXISTS (SELECT 1 FROM "krm_object");
