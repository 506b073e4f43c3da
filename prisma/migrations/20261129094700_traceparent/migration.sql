-- AlterTable
ALTER TABLE "operation" ADD COLUMN     "traceparent" TEXT,
ADD COLUMN     "tracestate" TEXT;
