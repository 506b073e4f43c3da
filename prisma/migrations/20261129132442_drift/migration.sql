-- CreateEnum
CREATE TYPE "DriftKind" AS ENUM ('headDiffers', 'tagAdded', 'tagMoved', 'tagDeleted', 'branchPushed', 'branchDeleted', 'historyRewritten', 'leftoverBranch');

-- CreateEnum
CREATE TYPE "DriftState" AS ENUM ('open', 'acknowledged', 'resolved');

-- CreateEnum
CREATE TYPE "PackageDrift" AS ENUM ('none', 'open', 'acknowledged');

-- AlterTable
ALTER TABLE "package" ADD COLUMN     "drift_state" "PackageDrift" NOT NULL DEFAULT 'none';

-- CreateTable
CREATE TABLE "drift" (
    "id" UUID NOT NULL,
    "repository_id" UUID NOT NULL,
    "key" TEXT NOT NULL,
    "kind" "DriftKind" NOT NULL,
    "state" "DriftState" NOT NULL,
    "path" TEXT,
    "ref" TEXT NOT NULL,
    "revision_id" UUID,
    "git_commit" TEXT,
    "git_tree" TEXT,
    "git_author" TEXT,
    "git_committer" TEXT,
    "git_committed_at" TIMESTAMPTZ(3),
    "held_commit" TEXT,
    "held_tree" TEXT,
    "held_revision" TEXT,
    "held_workspace" TEXT,
    "held_upstream" JSONB,
    "found_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    "draft_id" UUID,
    "draft_resolves" TEXT,
    "acknowledged_by" TEXT,
    "acknowledged_at" TIMESTAMPTZ(3),
    "reason" TEXT,
    "resolved_at" TIMESTAMPTZ(3),
    "resolution" TEXT,
    "version" INTEGER NOT NULL DEFAULT 1,

    CONSTRAINT "drift_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "drift_unresolved_idx" ON "drift"("id") WHERE (state <> 'resolved');

-- CreateIndex
CREATE INDEX "drift_path_id_idx" ON "drift"("path", "id");

-- CreateIndex
CREATE INDEX "drift_revision_id_id_idx" ON "drift"("revision_id", "id");

-- CreateIndex
CREATE INDEX "drift_path_prefix" ON "drift"("repository_id", "path" text_pattern_ops);

-- CreateIndex
CREATE UNIQUE INDEX "drift_unresolved_key" ON "drift"("repository_id", "key") WHERE (state <> 'resolved');

-- CreateIndex
CREATE INDEX "package_drift_state_id_idx" ON "package"("drift_state", "id") WHERE (drift_state <> 'none');

-- AddForeignKey
ALTER TABLE "drift" ADD CONSTRAINT "drift_repository_id_fkey" FOREIGN KEY ("repository_id") REFERENCES "repository"("id") ON DELETE CASCADE ON UPDATE CASCADE;
