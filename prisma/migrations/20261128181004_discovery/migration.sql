-- AlterTable
ALTER TABLE "repository" ADD COLUMN     "discovery" JSONB NOT NULL DEFAULT '{}',
ADD COLUMN     "heads_by" JSONB NOT NULL DEFAULT '{}';
