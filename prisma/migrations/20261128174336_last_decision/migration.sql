-- AlterTable
ALTER TABLE "package_revision" ADD COLUMN     "last_decision" JSONB;
