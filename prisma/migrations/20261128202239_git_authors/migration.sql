-- AlterTable
ALTER TABLE "package_revision" ADD COLUMN     "git_authors" TEXT[] DEFAULT ARRAY[]::TEXT[];

-- In small letters from now on.
UPDATE "known_user" SET "email" = lower("email") WHERE "email" <> lower("email");

-- CreateIndex
CREATE INDEX "known_user_email_idx" ON "known_user"("email");
