-- CreateIndex
CREATE INDEX "package_revision_open_of_package_idx" ON "package_revision"("package_id") WHERE (lifecycle IN ('draft', 'proposed'));
