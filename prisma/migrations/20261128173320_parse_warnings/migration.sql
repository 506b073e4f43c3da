-- AlterTable
ALTER TABLE "blob" ADD COLUMN     "parse_warnings" JSONB NOT NULL DEFAULT '[]';
