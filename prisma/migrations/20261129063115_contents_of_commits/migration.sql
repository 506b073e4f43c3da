-- AlterTable
ALTER TABLE "repository_polling" ADD COLUMN     "history_due" BOOLEAN NOT NULL DEFAULT true;

-- AlterTable
ALTER TABLE "package_tree" ADD COLUMN     "parsed" BOOLEAN NOT NULL DEFAULT true;

-- CreateIndex
CREATE INDEX "package_commit_tree_after_idx" ON "package_commit"("tree_after") WHERE (tree_after IS NOT NULL);
