-- AlterTable
ALTER TABLE "blob" ADD COLUMN     "store_key" TEXT,
ALTER COLUMN "content" DROP NOT NULL;

-- CreateTable
CREATE TABLE "blob_store_key" (
    "key" TEXT NOT NULL,
    "size_bytes" INTEGER NOT NULL,
    "unused_since" TIMESTAMPTZ(3),

    CONSTRAINT "blob_store_key_pkey" PRIMARY KEY ("key")
);

-- CreateIndex
CREATE INDEX "blob_store_key_unused_since_idx" ON "blob_store_key"("unused_since") WHERE (unused_since IS NOT NULL);
