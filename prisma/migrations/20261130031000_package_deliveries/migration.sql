-- CreateEnum
CREATE TYPE "DeliveryState" AS ENUM ('progressing', 'delivered', 'failed');

-- CreateEnum
CREATE TYPE "DeliveryHealth" AS ENUM ('healthy', 'degraded', 'unknown');

-- CreateTable
CREATE TABLE "package_delivery" (
    "package_id" UUID NOT NULL,
    "tool" TEXT NOT NULL,
    "commit" TEXT,
    "revision_id" UUID,
    "revision" TEXT,
    "state" "DeliveryState" NOT NULL,
    "health" "DeliveryHealth" NOT NULL,
    "message" TEXT NOT NULL,
    "observed_at" TIMESTAMPTZ(3) NOT NULL,
    "reported_at" TIMESTAMPTZ(3) NOT NULL,
    "reported_by" TEXT NOT NULL,

    CONSTRAINT "package_delivery_pkey" PRIMARY KEY ("package_id")
);

-- CreateIndex
CREATE INDEX "package_delivery_state_package_id_idx" ON "package_delivery"("state", "package_id");

-- CreateIndex
CREATE INDEX "package_delivery_health_package_id_idx" ON "package_delivery"("health", "package_id");

-- CreateIndex
CREATE INDEX "package_delivery_unhealthy_idx" ON "package_delivery"("package_id") WHERE (state = 'failed' OR health = 'degraded');

-- AddForeignKey
ALTER TABLE "package_delivery" ADD CONSTRAINT "package_delivery_package_id_fkey" FOREIGN KEY ("package_id") REFERENCES "package"("id") ON DELETE CASCADE ON UPDATE CASCADE;
