-- CreateEnum
CREATE TYPE "AccessRole" AS ENUM ('viewer', 'author', 'approver', 'checker', 'repositoryAdmin', 'admin', 'auditor');

-- CreateEnum
CREATE TYPE "SubjectType" AS ENUM ('user', 'group');

-- CreateEnum
CREATE TYPE "AuditOutcome" AS ENUM ('succeeded', 'denied');

-- AlterTable
ALTER TABLE "repository" ADD COLUMN     "policy" JSONB NOT NULL DEFAULT '{}';

-- AlterTable
ALTER TABLE "package_revision" ADD COLUMN     "break_glass" JSONB,
ADD COLUMN     "editors" TEXT[] DEFAULT ARRAY[]::TEXT[],
ADD COLUMN     "proposed_by" TEXT;

-- AlterTable
ALTER TABLE "operation" ADD COLUMN     "path" TEXT;

-- CreateTable
CREATE TABLE "approval" (
    "id" UUID NOT NULL,
    "revision_id" UUID NOT NULL,
    "tree" TEXT NOT NULL,
    "approved_by" TEXT NOT NULL,
    "email" TEXT,
    "comment" TEXT,
    "break_glass" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "voided_at" TIMESTAMPTZ(3),
    "void_reason" TEXT,

    CONSTRAINT "approval_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "role_binding" (
    "id" UUID NOT NULL,
    "role" "AccessRole" NOT NULL,
    "subject_type" "SubjectType" NOT NULL,
    "subject" TEXT NOT NULL,
    "repository_id" UUID,
    "path" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "created_by" TEXT NOT NULL,

    CONSTRAINT "role_binding_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "api_token" (
    "id" UUID NOT NULL,
    "description" TEXT NOT NULL,
    "secret_hash" BYTEA NOT NULL,
    "user" TEXT NOT NULL,
    "email" TEXT,
    "groups" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "roles" "AccessRole"[] DEFAULT ARRAY[]::"AccessRole"[],
    "repository_ids" JSONB,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "created_by" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "last_used_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),
    "revoked_by" TEXT,

    CONSTRAINT "api_token_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "audit_entry" (
    "id" UUID NOT NULL,
    "time" TIMESTAMPTZ(3) NOT NULL,
    "actor" TEXT,
    "token_id" UUID,
    "action" TEXT NOT NULL,
    "outcome" "AuditOutcome" NOT NULL,
    "resource_type" TEXT,
    "resource_id" TEXT,
    "repository_id" UUID,
    "path" TEXT,
    "before" TEXT,
    "after" TEXT,
    "reason" TEXT,
    "request_id" TEXT,
    "operation_id" UUID,
    "address" TEXT,

    CONSTRAINT "audit_entry_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "audit_link" (
    "sequence" INTEGER NOT NULL,
    "entry_id" UUID NOT NULL,
    "hash" BYTEA NOT NULL,

    CONSTRAINT "audit_link_pkey" PRIMARY KEY ("sequence")
);

-- CreateIndex
CREATE INDEX "approval_revision_id_idx" ON "approval"("revision_id");

-- CreateIndex
CREATE INDEX "role_binding_subject_idx" ON "role_binding"("subject");

-- CreateIndex
CREATE INDEX "role_binding_repository_id_idx" ON "role_binding"("repository_id");

-- CreateIndex
CREATE INDEX "api_token_user_id_idx" ON "api_token"("user", "id");

-- CreateIndex
CREATE INDEX "audit_entry_actor_id_idx" ON "audit_entry"("actor", "id");

-- CreateIndex
CREATE INDEX "audit_entry_resource_id_id_idx" ON "audit_entry"("resource_id", "id");

-- CreateIndex
CREATE INDEX "audit_entry_repository_id_id_idx" ON "audit_entry"("repository_id", "id");

-- CreateIndex
CREATE INDEX "audit_entry_action_id_idx" ON "audit_entry"("action", "id");

-- CreateIndex
CREATE INDEX "audit_entry_outcome_id_idx" ON "audit_entry"("outcome", "id") WHERE (outcome <> 'succeeded');

-- CreateIndex
CREATE UNIQUE INDEX "audit_link_entry_id_key" ON "audit_link"("entry_id");

-- CreateIndex
CREATE INDEX "package_path_prefix" ON "package"("repository_id", "path" text_pattern_ops);

-- CreateIndex
CREATE INDEX "package_revision_path_prefix" ON "package_revision"("repository_id", "path" text_pattern_ops);

-- AddForeignKey
ALTER TABLE "approval" ADD CONSTRAINT "approval_revision_id_fkey" FOREIGN KEY ("revision_id") REFERENCES "package_revision"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "role_binding" ADD CONSTRAINT "role_binding_repository_id_fkey" FOREIGN KEY ("repository_id") REFERENCES "repository"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What is there already gets an owner: whoever registered a repository administers it. What nobody in particular
-- registered is left to the administrators of the instance.
INSERT INTO "role_binding" ("id", "role", "subject_type", "subject", "repository_id", "created_at", "created_by")
SELECT gen_random_uuid(), 'repositoryAdmin', 'user', "created_by", "id", "created_at", "created_by"
FROM "repository" WHERE "created_by" <> 'anonymous';

-- Whoever is known to have worked on a draft counts as its author.
UPDATE "package_revision" SET
  "editors" = CASE WHEN "created_by" = "updated_by" THEN ARRAY["created_by"] ELSE ARRAY["created_by", "updated_by"] END,
  "proposed_by" = CASE WHEN "lifecycle" = 'proposed' THEN "updated_by" END
WHERE "lifecycle" IN ('draft', 'proposed');
UPDATE "package_revision" SET "proposed_by" = "updated_by" WHERE "lifecycle" = 'deletionProposed';

UPDATE "operation" SET "path" = r."path" FROM "package_revision" r WHERE r."id" = "operation"."revision_id";

-- Each filter of the list of audit entries has its index.
CREATE INDEX "audit_entry_resource_type_id_idx" ON "audit_entry"("resource_type", "id");
CREATE INDEX "audit_entry_path_id_idx" ON "audit_entry"("path", "id");
CREATE INDEX "audit_entry_request_id_id_idx" ON "audit_entry"("request_id", "id");

-- Entries that no link covers yet.
CREATE TABLE "audit_pending" (
    "entry_id" UUID NOT NULL,

    CONSTRAINT "audit_pending_pkey" PRIMARY KEY ("entry_id")
);

CREATE FUNCTION "audit_note_pending"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "audit_pending" ("entry_id") SELECT "id" FROM "added";
  RETURN NULL;
END $$;

CREATE TRIGGER "audit_entry_pending" AFTER INSERT ON "audit_entry" REFERENCING NEW TABLE AS "added"
  FOR EACH STATEMENT EXECUTE FUNCTION "audit_note_pending"();

-- What is written in the audit log stays as it is, whoever asks for something else.
CREATE FUNCTION "audit_refuse_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'The audit log is append-only: % of "%" is refused.', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER "audit_entry_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "audit_entry"
  FOR EACH STATEMENT EXECUTE FUNCTION "audit_refuse_change"();
CREATE TRIGGER "audit_link_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "audit_link"
  FOR EACH STATEMENT EXECUTE FUNCTION "audit_refuse_change"();

-- Also where a session calls itself a replica, in which ordinary triggers rest.
ALTER TABLE "audit_entry" ENABLE ALWAYS TRIGGER "audit_entry_pending";
ALTER TABLE "audit_entry" ENABLE ALWAYS TRIGGER "audit_entry_append_only";
ALTER TABLE "audit_link" ENABLE ALWAYS TRIGGER "audit_link_append_only";
