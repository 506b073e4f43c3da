-- AlterEnum
ALTER TYPE "OperationKind" ADD VALUE 'clone';

-- AlterTable
ALTER TABLE "upstream" ADD COLUMN     "from_git" BOOLEAN NOT NULL DEFAULT false;
