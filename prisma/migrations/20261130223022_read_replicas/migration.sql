-- Two of these are unlogged: their rows are noted without a flush, and all of them are gone after a crash.
-- CreateTable
CREATE UNLOGGED TABLE "seen_position" (
    "caller" TEXT NOT NULL,
    "position" pg_lsn NOT NULL,
    "noted_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "seen_position_pkey" PRIMARY KEY ("caller")
) WITH (fillfactor = 50);

-- CreateTable
CREATE UNLOGGED TABLE "seen_epoch" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "epoch" UUID NOT NULL,

    CONSTRAINT "seen_epoch_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "replica_epoch" (
    "epoch" UUID NOT NULL,

    CONSTRAINT "replica_epoch_pkey" PRIMARY KEY ("epoch")
);
