-- CreateTable
CREATE TABLE "target" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT,
    "labels" JSONB NOT NULL DEFAULT '{}',
    "repository_ids" UUID[] DEFAULT ARRAY[]::UUID[],
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "created_by" TEXT,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "target_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "target_name_key" ON "target"("name");

-- Those that packages name, with ids as `domain/uuid` makes them: the time comes first.
INSERT INTO "target" ("id", "name", "created_at", "updated_at")
SELECT (lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint), 12, '0') || '7' || substr(r."random", 1, 3)
  || '8' || substr(r."random", 4, 15))::uuid, p."target", now(), now()
FROM (SELECT DISTINCT "target" FROM "package" WHERE "target" IS NOT NULL) p
CROSS JOIN LATERAL (SELECT md5(gen_random_uuid()::text || p."target") AS "random") r;
