-- AlterTable
ALTER TABLE "known_user" ADD COLUMN     "name" TEXT;
