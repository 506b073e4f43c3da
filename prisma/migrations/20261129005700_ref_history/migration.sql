-- CreateTable
CREATE TABLE "ref_history" (
    "repository_id" UUID NOT NULL,
    "tip" TEXT NOT NULL,
    "tip_position" INTEGER NOT NULL,
    "next" TEXT,
    "next_position" INTEGER NOT NULL,
    "rewritten" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "ref_history_pkey" PRIMARY KEY ("repository_id")
);

-- CreateTable
CREATE TABLE "ref_commit" (
    "repository_id" UUID NOT NULL,
    "oid" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "author" TEXT NOT NULL,
    "committer" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "lost_at" TIMESTAMPTZ(3),

    CONSTRAINT "ref_commit_pkey" PRIMARY KEY ("repository_id","oid")
);

-- CreateTable
CREATE TABLE "package_commit" (
    "repository_id" UUID NOT NULL,
    "oid" TEXT NOT NULL,
    "path" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "committed_at" TIMESTAMPTZ(3) NOT NULL,
    "tree_before" TEXT,
    "tree_after" TEXT,

    CONSTRAINT "package_commit_pkey" PRIMARY KEY ("repository_id","oid","path")
);

-- CreateIndex
CREATE INDEX "package_commit_repository_id_path_committed_at_position_idx" ON "package_commit"("repository_id", "path", "committed_at", "position");

-- AddForeignKey
ALTER TABLE "ref_history" ADD CONSTRAINT "ref_history_repository_id_fkey" FOREIGN KEY ("repository_id") REFERENCES "repository"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ref_commit" ADD CONSTRAINT "ref_commit_repository_id_fkey" FOREIGN KEY ("repository_id") REFERENCES "ref_history"("repository_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "package_commit" ADD CONSTRAINT "package_commit_repository_id_oid_fkey" FOREIGN KEY ("repository_id", "oid") REFERENCES "ref_commit"("repository_id", "oid") ON DELETE CASCADE ON UPDATE CASCADE;
