-- AlterTable
ALTER TABLE "webhook" ADD COLUMN     "label_selector" TEXT;
