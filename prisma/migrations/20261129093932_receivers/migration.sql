-- CreateEnum
CREATE TYPE "ReceiverType" AS ENUM ('github', 'gitlab', 'gitea', 'bitbucket', 'generic');

-- AlterTable
ALTER TABLE "repository_polling" ADD COLUMN     "told_at" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "receiver" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "type" "ReceiverType" NOT NULL,
    "sealed" BYTEA NOT NULL,
    "last_received_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "created_by" TEXT NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_by" TEXT NOT NULL,

    CONSTRAINT "receiver_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "receiver_repository" (
    "receiver_id" UUID NOT NULL,
    "repository_id" UUID NOT NULL,

    CONSTRAINT "receiver_repository_pkey" PRIMARY KEY ("receiver_id","repository_id")
);

-- CreateTable
CREATE TABLE "received_delivery" (
    "receiver_id" UUID NOT NULL,
    "digest" TEXT NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "received_delivery_pkey" PRIMARY KEY ("receiver_id","digest")
);

-- CreateIndex
CREATE INDEX "receiver_name_id_idx" ON "receiver"("name", "id");

-- CreateIndex
CREATE INDEX "receiver_repository_repository_id_idx" ON "receiver_repository"("repository_id");

-- CreateIndex
CREATE INDEX "received_delivery_received_at_idx" ON "received_delivery"("received_at");

-- AddForeignKey
ALTER TABLE "receiver_repository" ADD CONSTRAINT "receiver_repository_receiver_id_fkey" FOREIGN KEY ("receiver_id") REFERENCES "receiver"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "receiver_repository" ADD CONSTRAINT "receiver_repository_repository_id_fkey" FOREIGN KEY ("repository_id") REFERENCES "repository"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "received_delivery" ADD CONSTRAINT "received_delivery_receiver_id_fkey" FOREIGN KEY ("receiver_id") REFERENCES "receiver"("id") ON DELETE CASCADE ON UPDATE CASCADE;
