-- AlterTable
ALTER TABLE "credential" ADD COLUMN     "hosts" TEXT[] DEFAULT ARRAY[]::TEXT[];

-- AlterTable
ALTER TABLE "package_revision" ADD COLUMN     "proposed_policy" JSONB;

-- AlterTable
ALTER TABLE "approval" ADD COLUMN     "groups" TEXT[] DEFAULT ARRAY[]::TEXT[];

-- AlterTable
ALTER TABLE "api_token" ADD COLUMN     "parent_id" UUID;

-- CreateTable
CREATE TABLE "known_user" (
    "user" TEXT NOT NULL,
    "email" TEXT,
    "groups" TEXT[],
    "stated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "known_user_pkey" PRIMARY KEY ("user")
);

-- CreateIndex
CREATE INDEX "api_token_parent_id_idx" ON "api_token"("parent_id") WHERE (parent_id IS NOT NULL);

-- A credential is bound to the hosts of the repositories that use it; the port is named where it is not that of https or ssh.
UPDATE "credential" c SET hosts = used.hosts FROM (
  SELECT r.credential_id AS id, array_agg(DISTINCT
    CASE WHEN r.url LIKE 'http://%' AND h.host !~ ':[0-9]+$' THEN h.host || ':80' ELSE h.host END) AS hosts
  FROM "repository" r CROSS JOIN LATERAL (SELECT substring(r.url from '^[a-z]+://(?:[^/@]*@)?([^/]+)') AS host) h
  WHERE r.credential_id IS NOT NULL GROUP BY 1
) used WHERE used.id = c.id;

-- What is proposed already is held to the policy that is in force now, with the defaults of what is left out.
UPDATE "package_revision" v SET proposed_policy = jsonb_build_object(
  'requiredApprovals', COALESCE((r.policy ->> 'requiredApprovals')::int, 1),
  'selfApproval', COALESCE((r.policy ->> 'selfApproval')::boolean, NOT r.deployment),
  'authors', COALESCE(r.policy -> 'authors', '["creator", "editors", "proposer"]'),
  'readinessGates', COALESCE(r.policy -> 'readinessGates', '[]')
) FROM "repository" r WHERE r.id = v.repository_id AND v.lifecycle IN ('proposed', 'deletionProposed');
