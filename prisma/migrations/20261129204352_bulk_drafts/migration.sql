-- AlterTable
ALTER TABLE "operation_item" ADD COLUMN     "draft_id" UUID;
