-- AlterTable
ALTER TABLE "campaign" ADD COLUMN     "order_by_dependencies" BOOLEAN NOT NULL DEFAULT false;

-- AlterTable
ALTER TABLE "campaign_item" ADD COLUMN     "waits_for" JSONB NOT NULL DEFAULT '[]';
