-- DropIndex
DROP INDEX "subpackage_upstream_id_idx";

-- CreateIndex
CREATE INDEX "subpackage_upstream_id_tree_oid_idx" ON "subpackage"("upstream_id", "tree_oid");
