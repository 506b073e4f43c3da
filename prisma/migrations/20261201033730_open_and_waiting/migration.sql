-- CreateIndex
CREATE INDEX "package_revision_open_of_package_idx" ON "package_revision"("package_id") WHERE (lifecycle IN ('draft', 'proposed'));

-- CreateIndex
CREATE INDEX "package_revision_waiting_since_idx" ON "package_revision"("lifecycle", "updated_at") WHERE (lifecycle IN ('proposed', 'deletionProposed'));
