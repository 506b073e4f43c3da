-- CreateTable
CREATE TABLE "deleted_revision" (
    "revision_id" UUID NOT NULL,
    "deleted_at" TIMESTAMPTZ(3) NOT NULL,
    "deleted_by" TEXT,
    "moved" BOOLEAN NOT NULL,
    "repository_id" UUID NOT NULL,
    "package_id" UUID NOT NULL,
    "path" TEXT NOT NULL,
    "revision" TEXT NOT NULL,
    "version_key" TEXT COLLATE "C",
    "published_at" TIMESTAMPTZ(3) NOT NULL,
    "row" JSONB NOT NULL,
    "file_count" INTEGER NOT NULL,
    "size_bytes" BIGINT NOT NULL,

    CONSTRAINT "deleted_revision_pkey" PRIMARY KEY ("revision_id","deleted_at")
);

-- CreateIndex
CREATE INDEX "deleted_revision_deleted_at_idx" ON "deleted_revision"("deleted_at");

-- CreateIndex
CREATE INDEX "deleted_revision_published_at_idx" ON "deleted_revision"("published_at");

-- CreateIndex
CREATE INDEX "deleted_revision_repository_id_path_revision_deleted_at_idx" ON "deleted_revision"("repository_id", "path", "revision", "deleted_at");

-- CreateIndex
CREATE INDEX "deleted_revision_package_id_idx" ON "deleted_revision"("package_id");

-- AddForeignKey
ALTER TABLE "deleted_revision" ADD CONSTRAINT "deleted_revision_repository_id_fkey" FOREIGN KEY ("repository_id") REFERENCES "repository"("id") ON DELETE CASCADE ON UPDATE CASCADE;
