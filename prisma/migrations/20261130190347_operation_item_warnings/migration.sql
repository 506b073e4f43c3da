-- AlterTable
ALTER TABLE "operation_item" ADD COLUMN     "warnings" TEXT[] DEFAULT ARRAY[]::TEXT[];
