-- CreateTable
CREATE TABLE "upgrade_preview" (
    "id" UUID NOT NULL,
    "revision_id" UUID NOT NULL,
    "repository_id" UUID NOT NULL,
    "path" TEXT NOT NULL,
    "from" JSONB NOT NULL,
    "to" JSONB NOT NULL,
    "base_tree" TEXT NOT NULL,
    "ours_tree" TEXT NOT NULL,
    "theirs_tree" TEXT NOT NULL,
    "result_tree" TEXT NOT NULL,
    "latest_revision_id" UUID,
    "options" JSONB NOT NULL,
    "resolutions" JSONB NOT NULL,
    "default_resolution" JSONB NOT NULL,
    "warnings" TEXT[],
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "created_by" TEXT NOT NULL,
    "applied_to" UUID,
    "version" INTEGER NOT NULL DEFAULT 1,

    CONSTRAINT "upgrade_preview_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "upgrade_preview_revision_id_idx" ON "upgrade_preview"("revision_id");

-- CreateIndex
CREATE INDEX "upgrade_preview_created_at_idx" ON "upgrade_preview"("created_at");

-- AddForeignKey
ALTER TABLE "upgrade_preview" ADD CONSTRAINT "upgrade_preview_revision_id_fkey" FOREIGN KEY ("revision_id") REFERENCES "package_revision"("id") ON DELETE CASCADE ON UPDATE CASCADE;
