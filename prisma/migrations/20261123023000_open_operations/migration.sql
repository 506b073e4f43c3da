-- CreateIndex
CREATE INDEX "operation_open_of_revision_idx" ON "operation"("revision_id", "id") WHERE (state IN ('queued', 'running'));
