-- CreateEnum
CREATE TYPE "OperationItemState" AS ENUM ('waiting', 'started', 'succeeded', 'failed', 'cancelled');

-- AlterEnum
ALTER TYPE "OperationKind" ADD VALUE 'bulk';

-- CreateTable
CREATE TABLE "operation_item" (
    "operation_id" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "revision_id" UUID NOT NULL,
    "repository_id" UUID,
    "path" TEXT,
    "if_match" TEXT,
    "parameters" JSONB,
    "state" "OperationItemState" NOT NULL,
    "etag" TEXT,
    "error" JSONB,
    "started_id" UUID,

    CONSTRAINT "operation_item_pkey" PRIMARY KEY ("operation_id","position")
);

-- CreateIndex
CREATE INDEX "operation_item_waiting_idx" ON "operation_item"("operation_id", "position") WHERE (state = 'waiting');

-- CreateIndex
CREATE INDEX "operation_item_started_id_idx" ON "operation_item"("started_id") WHERE (started_id IS NOT NULL);

-- AddForeignKey
ALTER TABLE "operation_item" ADD CONSTRAINT "operation_item_operation_id_fkey" FOREIGN KEY ("operation_id") REFERENCES "operation"("id") ON DELETE CASCADE ON UPDATE CASCADE;
