-- CreateEnum
CREATE TYPE "VariantState" AS ENUM ('pending', 'upToDate', 'outdated', 'drafted', 'conflicted', 'declined', 'blocked', 'retired');

-- AlterEnum
ALTER TYPE "OperationKind" ADD VALUE 'variants';

-- CreateTable
CREATE TABLE "variant" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "set_id" UUID,
    "description" TEXT NOT NULL,
    "upstream_package_id" UUID NOT NULL,
    "follow" TEXT NOT NULL,
    "repository_id" UUID NOT NULL,
    "target" TEXT,
    "realm" TEXT NOT NULL,
    "package" TEXT NOT NULL,
    "path" TEXT NOT NULL,
    "mutations" JSONB NOT NULL,
    "package_context" JSONB NOT NULL,
    "labels" JSONB NOT NULL,
    "update_policy" TEXT NOT NULL,
    "strategy" TEXT NOT NULL,
    "resolutions" JSONB NOT NULL,
    "default_resolution" JSONB NOT NULL,
    "adoption" TEXT NOT NULL,
    "deletion" TEXT NOT NULL,
    "owner" TEXT NOT NULL,
    "owner_email" TEXT,
    "owner_groups" TEXT[],
    "retired" BOOLEAN NOT NULL DEFAULT false,
    "state" "VariantState" NOT NULL DEFAULT 'pending',
    "reason" JSONB,
    "conflicts" JSONB NOT NULL DEFAULT '[]',
    "conflict_count" INTEGER NOT NULL DEFAULT 0,
    "warnings" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "package_id" UUID,
    "draft_id" UUID,
    "made" JSONB,
    "due_at" TIMESTAMPTZ(3),
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "created_by" TEXT NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    "reconciled_at" TIMESTAMPTZ(3),

    CONSTRAINT "variant_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "variant_set" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT NOT NULL,
    "targets" JSONB NOT NULL,
    "template" JSONB NOT NULL,
    "repository_id" UUID NOT NULL,
    "owner" TEXT NOT NULL,
    "owner_email" TEXT,
    "owner_groups" TEXT[],
    "due_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "created_by" TEXT NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "variant_set_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "variant_cursor" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "position" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "variant_cursor_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "variant_name_key" ON "variant"("name");

-- CreateIndex
CREATE INDEX "variant_due_at_idx" ON "variant"("due_at") WHERE (due_at IS NOT NULL);

-- CreateIndex
CREATE INDEX "variant_set_id_id_idx" ON "variant"("set_id", "id");

-- CreateIndex
CREATE INDEX "variant_upstream_package_id_id_idx" ON "variant"("upstream_package_id", "id");

-- CreateIndex
CREATE INDEX "variant_path_prefix" ON "variant"("repository_id", "path" text_pattern_ops);

-- CreateIndex
CREATE INDEX "variant_target_id_idx" ON "variant"("target", "id");

-- CreateIndex
CREATE INDEX "variant_path_id_idx" ON "variant"("path", "id");

-- CreateIndex
CREATE INDEX "variant_state_id_idx" ON "variant"("state", "id") WHERE (state <> 'upToDate');

-- CreateIndex
CREATE UNIQUE INDEX "variant_set_name_key" ON "variant_set"("name");

-- CreateIndex
CREATE INDEX "variant_set_due_at_idx" ON "variant_set"("due_at") WHERE (due_at IS NOT NULL);

-- CreateIndex
CREATE INDEX "variant_set_repository_id_idx" ON "variant_set"("repository_id");

-- AddForeignKey
ALTER TABLE "variant" ADD CONSTRAINT "variant_set_id_fkey" FOREIGN KEY ("set_id") REFERENCES "variant_set"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- What has happened so far concerns no variant.
INSERT INTO "variant_cursor" ("position") SELECT "last" FROM "event_numbers";
