-- AlterTable
ALTER TABLE "package" ADD COLUMN     "annotations" JSONB NOT NULL DEFAULT '{}',
ADD COLUMN     "labels" JSONB NOT NULL DEFAULT '{}';

-- CreateIndex
CREATE INDEX "package_labels_idx" ON "package" USING GIN ("labels") WHERE (labels <> '{}');
