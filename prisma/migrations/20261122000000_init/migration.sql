-- CreateEnum
CREATE TYPE "CredentialType" AS ENUM ('basic', 'token', 'ssh');

-- CreateEnum
CREATE TYPE "Lifecycle" AS ENUM ('draft', 'proposed', 'published', 'deletionProposed');

-- CreateEnum
CREATE TYPE "GitState" AS ENUM ('pending', 'synced', 'conflict');

-- CreateEnum
CREATE TYPE "OperationKind" AS ENUM ('sync', 'push', 'discard', 'publish', 'delete');

-- CreateEnum
CREATE TYPE "OperationState" AS ENUM ('queued', 'running', 'succeeded', 'failed', 'cancelled');

-- CreateTable
CREATE TABLE "credential" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT,
    "type" "CredentialType" NOT NULL,
    "username" TEXT,
    "sealed" BYTEA NOT NULL,
    "ca_bundle" TEXT,
    "public_key" TEXT,
    "known_hosts" TEXT,
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "created_by" TEXT NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_by" TEXT NOT NULL,

    CONSTRAINT "credential_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "repository" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT,
    "labels" JSONB NOT NULL DEFAULT '{}',
    "deployment" BOOLEAN NOT NULL,
    "url" TEXT NOT NULL,
    "url_key" TEXT NOT NULL,
    "ref" TEXT NOT NULL,
    "directory" TEXT NOT NULL,
    "credential_id" UUID,
    "sync_interval_seconds" INTEGER,
    "conditions" JSONB NOT NULL DEFAULT '[]',
    "commit" TEXT,
    "ignored_tags" INTEGER NOT NULL DEFAULT 0,
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "created_by" TEXT NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_by" TEXT NOT NULL,

    CONSTRAINT "repository_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "repository_polling" (
    "repository_id" UUID NOT NULL,
    "last_synced_at" TIMESTAMPTZ(3),
    "next_sync_at" TIMESTAMPTZ(3) NOT NULL,
    "refs_digest" TEXT,
    "failures" INTEGER NOT NULL DEFAULT 0,
    "blocked_until" TIMESTAMPTZ(3),

    CONSTRAINT "repository_polling_pkey" PRIMARY KEY ("repository_id")
);

-- CreateTable
CREATE TABLE "lease" (
    "repository_id" UUID NOT NULL,
    "holder" UUID NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "lease_pkey" PRIMARY KEY ("repository_id")
);

-- CreateTable
CREATE TABLE "remote_ref" (
    "repository_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "oid" TEXT NOT NULL,
    "ignored" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "remote_ref_pkey" PRIMARY KEY ("repository_id","name")
);

-- CreateTable
CREATE TABLE "revision_counter" (
    "repository_id" UUID NOT NULL,
    "path" TEXT NOT NULL,
    "highest" INTEGER NOT NULL,

    CONSTRAINT "revision_counter_pkey" PRIMARY KEY ("repository_id","path")
);

-- CreateTable
CREATE TABLE "package" (
    "id" UUID NOT NULL,
    "repository_id" UUID NOT NULL,
    "path" TEXT NOT NULL,
    "target" TEXT,
    "realm" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "head_tree" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "package_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "package_revision" (
    "id" UUID NOT NULL,
    "repository_id" UUID NOT NULL,
    "package_id" UUID NOT NULL,
    "repository_name" TEXT NOT NULL,
    "path" TEXT NOT NULL,
    "target" TEXT,
    "realm" TEXT NOT NULL,
    "package_name" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "workspace" TEXT NOT NULL,
    "revision" TEXT,
    "version_key" TEXT COLLATE "C",
    "lifecycle" "Lifecycle" NOT NULL,
    "latest" BOOLEAN NOT NULL DEFAULT false,
    "source" JSONB NOT NULL,
    "upstream" JSONB,
    "upstream_revision_id" UUID,
    "upstream_commit" TEXT,
    "base_commit" TEXT,
    "tree" TEXT NOT NULL,
    "tag" TEXT,
    "branch" TEXT,
    "commit" TEXT,
    "pushed_tree" TEXT,
    "pushed_base" TEXT,
    "git_state" "GitState" NOT NULL,
    "git_message" TEXT,
    "conflict_commit" TEXT,
    "conflict_tree" TEXT,
    "labels" JSONB NOT NULL DEFAULT '{}',
    "annotations" JSONB NOT NULL DEFAULT '{}',
    "conditions" JSONB NOT NULL DEFAULT '[]',
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "created_by" TEXT NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_by" TEXT NOT NULL,
    "published_at" TIMESTAMPTZ(3),
    "published_by" TEXT,

    CONSTRAINT "package_revision_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "package_tree" (
    "oid" TEXT NOT NULL,
    "file_count" INTEGER NOT NULL,
    "size_bytes" BIGINT NOT NULL,
    "unsupported" JSONB NOT NULL DEFAULT '[]',
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "package_tree_pkey" PRIMARY KEY ("oid")
);

-- CreateTable
CREATE TABLE "package_file" (
    "tree_oid" TEXT NOT NULL,
    "path" TEXT NOT NULL,
    "mode" TEXT NOT NULL,
    "blob_oid" TEXT NOT NULL,
    "size_bytes" INTEGER NOT NULL,

    CONSTRAINT "package_file_pkey" PRIMARY KEY ("tree_oid","path")
);

-- CreateTable
CREATE TABLE "blob" (
    "oid" TEXT NOT NULL,
    "content" BYTEA NOT NULL,
    "parsed" BOOLEAN NOT NULL DEFAULT false,
    "parse_error" TEXT,

    CONSTRAINT "blob_pkey" PRIMARY KEY ("oid")
);

-- CreateTable
CREATE TABLE "krm_object" (
    "blob_oid" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "api_version" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "namespace" TEXT,
    "name" TEXT,
    "labels" JSONB NOT NULL DEFAULT '{}',
    "annotations" JSONB NOT NULL DEFAULT '{}',

    CONSTRAINT "krm_object_pkey" PRIMARY KEY ("blob_oid","position")
);

-- CreateTable
CREATE TABLE "operation" (
    "id" UUID NOT NULL,
    "kind" "OperationKind" NOT NULL,
    "state" "OperationState" NOT NULL,
    "repository_id" UUID NOT NULL,
    "revision_id" UUID,
    "target" JSONB NOT NULL,
    "payload" JSONB NOT NULL DEFAULT '{}',
    "progress" JSONB,
    "waiting_for" TEXT,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "next_attempt_at" TIMESTAMPTZ(3),
    "cancel_requested" BOOLEAN NOT NULL DEFAULT false,
    "result" JSONB,
    "error" JSONB,
    "requested_by" TEXT NOT NULL,
    "request_id" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "started_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "operation_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "idempotency_key" (
    "actor" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "request_hash" TEXT NOT NULL,
    "status" INTEGER,
    "headers" JSONB,
    "body" JSONB,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "idempotency_key_pkey" PRIMARY KEY ("actor","key")
);

-- CreateIndex
CREATE UNIQUE INDEX "credential_name_key" ON "credential"("name");

-- CreateIndex
CREATE UNIQUE INDEX "repository_name_key" ON "repository"("name");

-- CreateIndex
CREATE INDEX "repository_url_key_idx" ON "repository"("url_key");

-- AddTrigrams
DO $$ BEGIN
  CREATE EXTENSION IF NOT EXISTS pg_trgm;
EXCEPTION WHEN insufficient_privilege OR feature_not_supported OR undefined_file THEN
  RAISE NOTICE 'pg_trgm cannot be added: %', SQLERRM;
END $$;

-- CreateIndex
DO $$ DECLARE place text := (SELECT extnamespace::regnamespace FROM pg_extension WHERE extname = 'pg_trgm');
BEGIN
  IF place IS NOT NULL THEN
    EXECUTE 'CREATE INDEX "repository_name_trgm" ON "repository" USING GIN ("name" ' || place || '.gin_trgm_ops)';
  END IF;
END $$;

-- CreateIndex
CREATE INDEX "repository_labels_idx" ON "repository" USING GIN ("labels") WHERE (labels <> '{}');

-- CreateIndex
CREATE INDEX "repository_polling_next_sync_at_idx" ON "repository_polling"("next_sync_at");

-- CreateIndex
CREATE INDEX "package_repository_id_id_idx" ON "package"("repository_id", "id");

-- CreateIndex
CREATE INDEX "package_target_id_idx" ON "package"("target", "id");

-- CreateIndex
CREATE INDEX "package_realm_id_idx" ON "package"("realm", "id");

-- CreateIndex
CREATE INDEX "package_name_id_idx" ON "package"("name", "id");

-- CreateIndex
CREATE INDEX "package_path_id_idx" ON "package"("path", "id");

-- CreateIndex
DO $$ DECLARE place text := (SELECT extnamespace::regnamespace FROM pg_extension WHERE extname = 'pg_trgm');
BEGIN
  IF place IS NOT NULL THEN
    EXECUTE 'CREATE INDEX "package_path_trgm" ON "package" USING GIN ("path" ' || place || '.gin_trgm_ops)';
  END IF;
END $$;

-- CreateIndex
CREATE UNIQUE INDEX "package_repository_id_path_key" ON "package"("repository_id", "path");

-- CreateIndex
CREATE UNIQUE INDEX "package_revision_name_key" ON "package_revision"("name");

-- CreateIndex
CREATE INDEX "package_revision_repository_id_id_idx" ON "package_revision"("repository_id", "id");

-- CreateIndex
CREATE INDEX "package_revision_target_id_idx" ON "package_revision"("target", "id");

-- CreateIndex
CREATE INDEX "package_revision_realm_id_idx" ON "package_revision"("realm", "id");

-- CreateIndex
CREATE INDEX "package_revision_package_name_id_idx" ON "package_revision"("package_name", "id");

-- CreateIndex
CREATE INDEX "package_revision_path_id_idx" ON "package_revision"("path", "id");

-- CreateIndex
CREATE INDEX "package_revision_workspace_id_idx" ON "package_revision"("workspace", "id");

-- CreateIndex
CREATE INDEX "package_revision_revision_id_idx" ON "package_revision"("revision", "id");

-- CreateIndex
CREATE INDEX "package_revision_lifecycle_id_idx" ON "package_revision"("lifecycle", "id") WHERE (lifecycle <> 'published');

-- CreateIndex
CREATE INDEX "package_revision_latest_idx" ON "package_revision"("id") WHERE (latest);

-- CreateIndex
CREATE INDEX "package_revision_upstream_revision_id_id_idx" ON "package_revision"("upstream_revision_id", "id") WHERE (upstream_revision_id IS NOT NULL);

-- CreateIndex
CREATE INDEX "package_revision_labels_idx" ON "package_revision" USING GIN ("labels") WHERE (labels <> '{}');

-- CreateIndex
DO $$ DECLARE place text := (SELECT extnamespace::regnamespace FROM pg_extension WHERE extname = 'pg_trgm');
BEGIN
  IF place IS NOT NULL THEN
    EXECUTE 'CREATE INDEX "package_revision_name_trgm" ON "package_revision" USING GIN ("name" ' || place || '.gin_trgm_ops)';
  END IF;
END $$;

-- CreateIndex
CREATE INDEX "package_revision_latest_of_package_idx" ON "package_revision"("package_id") WHERE (latest);

-- CreateIndex
CREATE INDEX "package_revision_tag_idx" ON "package_revision"("tag");

-- CreateIndex
CREATE INDEX "package_revision_upstream_commit_idx" ON "package_revision"("upstream_commit") WHERE (upstream_commit IS NOT NULL);

-- CreateIndex
CREATE UNIQUE INDEX "package_revision_package_id_workspace_key" ON "package_revision"("package_id", "workspace");

-- CreateIndex
CREATE UNIQUE INDEX "package_revision_package_id_revision_key" ON "package_revision"("package_id", "revision");

-- CreateIndex
CREATE INDEX "operation_repository_id_id_idx" ON "operation"("repository_id", "id");

-- CreateIndex
CREATE INDEX "operation_revision_id_id_idx" ON "operation"("revision_id", "id") WHERE (revision_id IS NOT NULL);

-- CreateIndex
CREATE INDEX "operation_state_id_idx" ON "operation"("state", "id");

-- CreateIndex
CREATE INDEX "operation_kind_state_id_idx" ON "operation"("kind", "state", "id");

-- CreateIndex
CREATE INDEX "operation_open_of_repository_idx" ON "operation"("repository_id", "id") WHERE (state IN ('queued', 'running'));

-- AddForeignKey
ALTER TABLE "repository" ADD CONSTRAINT "repository_credential_id_fkey" FOREIGN KEY ("credential_id") REFERENCES "credential"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "repository_polling" ADD CONSTRAINT "repository_polling_repository_id_fkey" FOREIGN KEY ("repository_id") REFERENCES "repository"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "remote_ref" ADD CONSTRAINT "remote_ref_repository_id_fkey" FOREIGN KEY ("repository_id") REFERENCES "repository"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "revision_counter" ADD CONSTRAINT "revision_counter_repository_id_fkey" FOREIGN KEY ("repository_id") REFERENCES "repository"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "package" ADD CONSTRAINT "package_repository_id_fkey" FOREIGN KEY ("repository_id") REFERENCES "repository"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "package_revision" ADD CONSTRAINT "package_revision_repository_id_fkey" FOREIGN KEY ("repository_id") REFERENCES "repository"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "package_revision" ADD CONSTRAINT "package_revision_package_id_fkey" FOREIGN KEY ("package_id") REFERENCES "package"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "package_file" ADD CONSTRAINT "package_file_tree_oid_fkey" FOREIGN KEY ("tree_oid") REFERENCES "package_tree"("oid") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "krm_object" ADD CONSTRAINT "krm_object_blob_oid_fkey" FOREIGN KEY ("blob_oid") REFERENCES "blob"("oid") ON DELETE CASCADE ON UPDATE CASCADE;
