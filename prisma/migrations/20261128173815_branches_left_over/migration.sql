-- AlterTable
ALTER TABLE "repository_polling" ADD COLUMN     "tidy_at" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "remote_ref" ADD COLUMN     "left_over" TEXT;
