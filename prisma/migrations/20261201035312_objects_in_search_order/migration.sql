-- DropIndex
DROP INDEX "krm_object_name_kind_idx";

-- CreateIndex
CREATE INDEX "krm_object_name_kind_blob_oid_position_idx" ON "krm_object"("name", "kind", "blob_oid", "position");
