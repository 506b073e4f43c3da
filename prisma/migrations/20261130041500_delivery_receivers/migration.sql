-- CreateEnum
CREATE TYPE "ReceivedOutcome" AS ENUM ('reported', 'known', 'ignored');

-- AlterEnum
ALTER TYPE "ReceiverType" ADD VALUE 'flux';
ALTER TYPE "ReceiverType" ADD VALUE 'argocd';

-- AlterTable
ALTER TABLE "package_delivery" ADD COLUMN     "delivered_id" UUID;

-- What is there is what was reported last to be there.
UPDATE "package_delivery" SET "delivered_id" = "revision_id" WHERE "state" = 'delivered';

-- AlterTable
ALTER TABLE "received_delivery" ADD COLUMN     "outcome" "ReceivedOutcome",
ADD COLUMN     "package_id" UUID,
ADD COLUMN     "reason" TEXT,
ADD COLUMN     "subject" TEXT;

-- CreateIndex
CREATE INDEX "received_report_idx" ON "received_delivery"("receiver_id", "received_at", "digest") WHERE (outcome IS NOT NULL);
