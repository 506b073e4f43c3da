-- AlterTable
ALTER TABLE "upgrade_preview" ADD COLUMN     "summary" JSONB;

-- CreateIndex
CREATE INDEX "upgrade_preview_path_prefix" ON "upgrade_preview"("repository_id", "path" text_pattern_ops);
