-- AlterTable
ALTER TABLE "variant" ADD COLUMN     "merge" JSONB;
