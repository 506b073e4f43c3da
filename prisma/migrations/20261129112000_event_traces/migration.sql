-- AlterTable
ALTER TABLE "event_pending" ADD COLUMN     "traceparent" TEXT,
ADD COLUMN     "tracestate" TEXT;

-- AlterTable
ALTER TABLE "event" ADD COLUMN     "traceparent" TEXT,
ADD COLUMN     "tracestate" TEXT;

-- AlterTable
ALTER TABLE "webhook_delivery" ADD COLUMN     "traceparent" TEXT,
ADD COLUMN     "tracestate" TEXT;

-- As before, and takes the trace along.
CREATE OR REPLACE FUNCTION "number_events"("most" INTEGER) RETURNS INTEGER LANGUAGE plpgsql AS $$
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
    INSERT INTO "event" ("sequence", "id", "type", "time", "actor", "repository_id", "path", "package_revision_id", "subject", "data",
      "traceparent", "tracestate")
    SELECT "base" + sum(1 + floor(random() * 16)::int) OVER (ORDER BY "position"),
      "id", "type", "time", "actor", "repository_id", "path", "package_revision_id", "subject", "data", "traceparent", "tracestate"
    FROM "taken" RETURNING "sequence"
  )
  SELECT max("sequence"), count(*) INTO "newest", "count" FROM "told";
  IF "count" > 0 THEN
    UPDATE "event_numbers" SET "last" = "newest";
    PERFORM pg_notify('pkgserver_events', "newest"::text);
  END IF;
  RETURN "count";
END $$;
