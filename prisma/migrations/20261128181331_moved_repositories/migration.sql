-- AlterTable
ALTER TABLE "repository" ADD COLUMN     "moved" BOOLEAN NOT NULL DEFAULT false;
