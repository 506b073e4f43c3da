-- CreateIndex
CREATE INDEX "campaign_item_path_prefix" ON "campaign_item"("repository_id", "path" text_pattern_ops);
