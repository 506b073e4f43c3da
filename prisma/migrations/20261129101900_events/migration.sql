-- CreateTable
CREATE TABLE "event_pending" (
    "position" BIGSERIAL NOT NULL,
    "id" UUID NOT NULL,
    "type" TEXT NOT NULL,
    "time" TIMESTAMPTZ(3) NOT NULL,
    "actor" TEXT,
    "repository_id" UUID,
    "path" TEXT,
    "package_revision_id" UUID,
    "subject" TEXT NOT NULL,
    "data" JSONB NOT NULL,

    CONSTRAINT "event_pending_pkey" PRIMARY KEY ("position")
);

-- CreateTable
CREATE TABLE "event" (
    "sequence" BIGINT NOT NULL,
    "id" UUID NOT NULL,
    "type" TEXT NOT NULL,
    "time" TIMESTAMPTZ(3) NOT NULL,
    "actor" TEXT,
    "repository_id" UUID,
    "path" TEXT,
    "package_revision_id" UUID,
    "subject" TEXT NOT NULL,
    "data" JSONB NOT NULL,

    CONSTRAINT "event_pkey" PRIMARY KEY ("sequence")
);

-- CreateTable
CREATE TABLE "event_numbers" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "last" BIGINT NOT NULL DEFAULT 0,
    "pruned" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "event_numbers_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "event_type_sequence_idx" ON "event"("type", "sequence");

-- CreateIndex
CREATE INDEX "event_repository_id_sequence_idx" ON "event"("repository_id", "sequence");

-- CreateIndex
CREATE INDEX "event_path_sequence_idx" ON "event"("path", "sequence");

-- CreateIndex
CREATE INDEX "event_package_revision_id_sequence_idx" ON "event"("package_revision_id", "sequence");

-- CreateIndex
CREATE INDEX "event_actor_sequence_idx" ON "event"("actor", "sequence");

-- The row that whoever numbers events holds.
INSERT INTO "event_numbers" DEFAULT VALUES;

-- Numbers so many of the events that wait, in the order in which they were written, and wakes their readers; gives how many
-- there were. One call from the lock to the commit: whoever calls it can stop anywhere and holds nobody up. The first
-- statement waits until nobody else numbers, and the second sees what they have committed. A number is the time in
-- microseconds, or the next one that is free; steps of any size say nothing of what lies between two events.
CREATE FUNCTION "number_events"("most" INTEGER) RETURNS INTEGER LANGUAGE plpgsql AS $$
DECLARE
  "base" BIGINT;
  "newest" BIGINT;
  "count" INTEGER;
BEGIN
  SELECT GREATEST("last", floor(extract(epoch FROM clock_timestamp()) * 1000000)::bigint) INTO "base"
  FROM "event_numbers" FOR UPDATE;
  WITH "taken" AS (
    DELETE FROM "event_pending"
    WHERE "position" IN (SELECT "position" FROM "event_pending" ORDER BY "position" LIMIT "most")
    RETURNING *
  ), "told" AS (
    INSERT INTO "event" ("sequence", "id", "type", "time", "actor", "repository_id", "path", "package_revision_id", "subject", "data")
    SELECT "base" + sum(1 + floor(random() * 16)::int) OVER (ORDER BY "position"),
      "id", "type", "time", "actor", "repository_id", "path", "package_revision_id", "subject", "data"
    FROM "taken" RETURNING "sequence"
  )
  SELECT max("sequence"), count(*) INTO "newest", "count" FROM "told";
  IF "count" > 0 THEN
    UPDATE "event_numbers" SET "last" = "newest";
    PERFORM pg_notify('pkgserver_events', "newest"::text);
  END IF;
  RETURN "count";
END $$;
