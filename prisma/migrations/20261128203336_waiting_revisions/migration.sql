-- CreateIndex
CREATE INDEX "package_revision_waiting_idx" ON "package_revision"("id") WHERE (lifecycle IN ('proposed', 'deletionProposed'));
