-- AlterTable
ALTER TABLE "package_revision" ADD COLUMN     "as_found" BOOLEAN NOT NULL DEFAULT false;

-- CreateIndex
CREATE INDEX "package_revision_found_at_idx" ON "package_revision"("published_at", "id") WHERE (as_found);

-- CreateIndex
CREATE INDEX "package_revision_found_by_idx" ON "package_revision"("published_by", "id") WHERE (as_found);

-- CreateIndex
CREATE INDEX "package_revision_created_at_id_idx" ON "package_revision"("created_at", "id") WHERE (NOT as_found);

-- CreateIndex
CREATE INDEX "package_revision_updated_at_id_idx" ON "package_revision"("updated_at", "id") WHERE (NOT as_found);

-- CreateIndex
CREATE INDEX "package_revision_published_at_id_idx" ON "package_revision"("published_at", "id") WHERE (NOT as_found);

-- CreateIndex
CREATE INDEX "package_revision_created_by_id_idx" ON "package_revision"("created_by", "id") WHERE (NOT as_found);

-- CreateIndex
CREATE INDEX "package_revision_updated_by_id_idx" ON "package_revision"("updated_by", "id") WHERE (NOT as_found);

-- CreateIndex
CREATE INDEX "package_revision_published_by_id_idx" ON "package_revision"("published_by", "id") WHERE (NOT as_found);
