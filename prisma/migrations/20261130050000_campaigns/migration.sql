-- AlterEnum
ALTER TYPE "OperationKind" ADD VALUE 'campaignPlan';
ALTER TYPE "OperationKind" ADD VALUE 'campaign';

-- CreateTable
CREATE TABLE "campaign" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT,
    "change" JSONB NOT NULL,
    "selection" JSONB NOT NULL,
    "budget" JSONB NOT NULL,
    "state" TEXT NOT NULL,
    "reason" JSONB,
    "wave" INTEGER,
    "plan_digest" TEXT,
    "planned_at" TIMESTAMPTZ(3),
    "planned_by" TEXT,
    "plan_operation_id" UUID,
    "operation_id" UUID,
    "started_at" TIMESTAMPTZ(3),
    "started_by" TEXT,
    "finished_at" TIMESTAMPTZ(3),
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "created_by" TEXT NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "campaign_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "campaign_wave" (
    "campaign_id" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "settings" JSONB NOT NULL,
    "state" TEXT NOT NULL,
    "started_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),
    "conditions" JSONB NOT NULL DEFAULT '{}',
    "continued_by" TEXT,

    CONSTRAINT "campaign_wave_pkey" PRIMARY KEY ("campaign_id","position")
);

-- CreateTable
CREATE TABLE "campaign_item" (
    "id" UUID NOT NULL,
    "campaign_id" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "wave" INTEGER,
    "package_id" UUID NOT NULL,
    "repository_id" UUID NOT NULL,
    "path" TEXT NOT NULL,
    "revision_id" UUID NOT NULL,
    "revision" TEXT,
    "tree" TEXT NOT NULL,
    "to_revision_id" UUID,
    "to_revision" TEXT,
    "result_tree" TEXT,
    "plan" JSONB,
    "resolutions" JSONB NOT NULL DEFAULT '{}',
    "default_resolution" JSONB,
    "summary" JSONB,
    "warnings" TEXT[],
    "state" TEXT NOT NULL,
    "error" JSONB,
    "draft_id" UUID,
    "published_revision" TEXT,
    "operation_ids" UUID[],
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "started_at" TIMESTAMPTZ(3),
    "published_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),
    "version" INTEGER NOT NULL DEFAULT 1,

    CONSTRAINT "campaign_item_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "campaign_approval" (
    "id" UUID NOT NULL,
    "campaign_id" UUID NOT NULL,
    "plan_digest" TEXT NOT NULL,
    "approved_by" TEXT NOT NULL,
    "email" TEXT,
    "groups" TEXT[],
    "comment" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "voided_at" TIMESTAMPTZ(3),

    CONSTRAINT "campaign_approval_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "campaign_name_key" ON "campaign"("name");

-- CreateIndex
CREATE INDEX "campaign_state_id_idx" ON "campaign"("state", "id");

-- CreateIndex
CREATE INDEX "campaign_created_by_id_idx" ON "campaign"("created_by", "id");

-- CreateIndex
CREATE INDEX "campaign_plan_operation_id_idx" ON "campaign"("plan_operation_id") WHERE (plan_operation_id IS NOT NULL);

-- CreateIndex
CREATE INDEX "campaign_operation_id_idx" ON "campaign"("operation_id") WHERE (operation_id IS NOT NULL);

-- CreateIndex
CREATE INDEX "campaign_item_campaign_id_state_position_idx" ON "campaign_item"("campaign_id", "state", "position");

-- CreateIndex
CREATE INDEX "campaign_item_draft_id_idx" ON "campaign_item"("draft_id") WHERE (draft_id IS NOT NULL);

-- CreateIndex
CREATE INDEX "campaign_item_package_id_campaign_id_idx" ON "campaign_item"("package_id", "campaign_id");

-- CreateIndex
CREATE UNIQUE INDEX "campaign_item_campaign_id_position_key" ON "campaign_item"("campaign_id", "position");

-- CreateIndex
CREATE INDEX "campaign_approval_campaign_id_id_idx" ON "campaign_approval"("campaign_id", "id");

-- AddForeignKey
ALTER TABLE "campaign_wave" ADD CONSTRAINT "campaign_wave_campaign_id_fkey" FOREIGN KEY ("campaign_id") REFERENCES "campaign"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "campaign_item" ADD CONSTRAINT "campaign_item_campaign_id_fkey" FOREIGN KEY ("campaign_id") REFERENCES "campaign"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "campaign_approval" ADD CONSTRAINT "campaign_approval_campaign_id_fkey" FOREIGN KEY ("campaign_id") REFERENCES "campaign"("id") ON DELETE CASCADE ON UPDATE CASCADE;
