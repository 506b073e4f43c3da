-- AlterEnum
ALTER TYPE "OperationKind" ADD VALUE 'retention';

-- A lease is on a repository, or on the instance. Those that are left lie there for seconds at most
DELETE FROM "lease";
ALTER TABLE "lease" DROP CONSTRAINT "lease_pkey",
DROP COLUMN "repository_id",
ADD COLUMN     "scope_id" UUID NOT NULL,
ADD CONSTRAINT "lease_pkey" PRIMARY KEY ("scope_id");

-- AlterTable
ALTER TABLE "package_tree" ADD COLUMN     "unused_since" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "blob" ADD COLUMN     "unused_since" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "operation" ALTER COLUMN "repository_id" DROP NOT NULL;

-- CreateIndex
CREATE INDEX "package_tree_unused_since_idx" ON "package_tree"("unused_since") WHERE (unused_since IS NOT NULL);

-- CreateIndex
CREATE INDEX "blob_unused_since_idx" ON "blob"("unused_since") WHERE (unused_since IS NOT NULL);
