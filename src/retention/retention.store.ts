import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { Prisma } from '../database/generated/client.js';
import { firstUuidAt } from '../domain/uuid.js';

/** All that names a tree by its OID: one that is not among these is not used. */
const USED_TREES = Prisma.sql`(
  SELECT tree AS oid FROM package_revision
  UNION ALL SELECT pushed_tree FROM package_revision WHERE pushed_tree IS NOT NULL
  UNION ALL SELECT conflict_tree FROM package_revision WHERE conflict_tree IS NOT NULL
  UNION ALL SELECT base_tree FROM package_revision WHERE base_tree IS NOT NULL
  UNION ALL SELECT upstream ->> 'tree' FROM package_revision WHERE upstream IS NOT NULL
  UNION ALL SELECT head_tree FROM package WHERE head_tree IS NOT NULL
  UNION ALL SELECT tree_after FROM package_commit WHERE tree_after IS NOT NULL
  UNION ALL SELECT git_tree FROM drift WHERE git_tree IS NOT NULL AND state <> 'resolved'
  UNION ALL SELECT held_tree FROM drift WHERE held_tree IS NOT NULL AND state <> 'resolved'
  UNION ALL SELECT unnest(ARRAY[base_tree, ours_tree, theirs_tree, result_tree]) FROM upgrade_preview
  UNION ALL SELECT unnest(ARRAY[merge #>> '{trees,base}', merge #>> '{trees,ours}', merge #>> '{trees,theirs}']) FROM variant
  UNION ALL SELECT unnest(ARRAY[tree, result_tree, plan #>> '{trees,base}', plan #>> '{trees,theirs}']) FROM campaign_item
  UNION ALL SELECT payload ->> 'tree' FROM operation WHERE state IN ('queued', 'running')
)`;

const IS_USED = {
  package_tree: Prisma.sql`EXISTS (SELECT 1 FROM ${USED_TREES} used WHERE used.oid = c.oid)`,
  blob: Prisma.sql`EXISTS (SELECT 1 FROM package_file f WHERE f.blob_oid = c.oid)`,
};

/** Content that is kept by Git object id, and is shared by all that refer to it. */
export type ContentTable = keyof typeof IS_USED;

/**
 * The statements of the retention. Content goes in two steps, because whoever found it in the index may be about to write
 * down what refers to it: a mark says since when nothing does, and from then on writers take it for missing and store it
 * again, which takes the mark away; what still bears an old mark, and is still not used, is removed.
 */
@Injectable()
export class RetentionStore {
  constructor(private readonly database: Database) {}

  async removeOperations(endedBefore: Date, limit: number): Promise<number> {
    return this.database.client.$executeRaw`
      DELETE FROM operation WHERE id IN (
        SELECT id FROM operation
        WHERE state IN ('succeeded', 'failed', 'cancelled') AND id < ${firstUuidAt(endedBefore)}::uuid
        AND finished_at < ${endedBefore} ORDER BY id LIMIT ${limit})`;
  }

  async removeUpgradePreviews(createdBefore: Date, limit: number): Promise<number> {
    return this.database.client.$executeRaw`
      DELETE FROM upgrade_preview WHERE id IN (
        SELECT id FROM upgrade_preview WHERE created_at < ${createdBefore} ORDER BY created_at LIMIT ${limit})`;
  }

  async removeApiTokens(endedBefore: Date, limit: number): Promise<number> {
    return this.database.client.$executeRaw`
      DELETE FROM api_token WHERE id IN (
        SELECT id FROM api_token WHERE least(expires_at, revoked_at) < ${endedBefore} ORDER BY id LIMIT ${limit})`;
  }

  async removeSeenPositions(notedBefore: Date, limit: number): Promise<number> {
    return this.database.client.$executeRaw`
      DELETE FROM seen_position WHERE caller IN (
        SELECT caller FROM seen_position WHERE noted_at < ${notedBefore} LIMIT ${limit})`;
  }

  /** Leaves out those that a request is at. */
  async removeIdempotencyKeys(takenBefore: Date, limit: number): Promise<number> {
    return this.database.client.$executeRaw`
      DELETE FROM idempotency_key WHERE (actor, key) IN (
        SELECT actor, key FROM idempotency_key WHERE created_at < ${takenBefore}
        ORDER BY created_at LIMIT ${limit} FOR UPDATE SKIP LOCKED)`;
  }

  async removeDeliveries(receivedBefore: Date, limit: number): Promise<number> {
    return this.database.client.$executeRaw`
      DELETE FROM received_delivery WHERE (receiver_id, digest) IN (
        SELECT receiver_id, digest FROM received_delivery WHERE received_at < ${receivedBefore}
        ORDER BY received_at LIMIT ${limit})`;
  }

  /** Those that have ended, and of webhooks that are disabled the others as well. */
  async removeWebhookDeliveries(madeBefore: Date, limit: number): Promise<number> {
    return this.database.client.$executeRaw`
      DELETE FROM webhook_delivery WHERE id IN (
        SELECT d.id FROM webhook_delivery d JOIN webhook w ON w.id = d.webhook_id
        WHERE d.created_at < ${madeBefore} AND (d.state <> 'waiting' OR NOT w.enabled)
        ORDER BY d.created_at LIMIT ${limit})`;
  }

  /** The oldest go first, and what is noted is up to where they are gone. Those stay that webhooks were not told of yet. */
  async removeEvents(numberedBefore: Date, limit: number): Promise<number> {
    return this.database.client.$executeRaw`
      WITH gone AS (
        DELETE FROM event WHERE sequence IN (
          SELECT sequence FROM event WHERE sequence < ${numberedBefore.getTime()}::bigint * 1000
          AND (sequence <= (SELECT position FROM webhook_cursor) OR NOT EXISTS (SELECT 1 FROM webhook WHERE enabled)) ORDER BY sequence LIMIT ${limit})
        RETURNING sequence
      ), noted AS (
        UPDATE event_numbers SET pruned = GREATEST(pruned, (SELECT max(sequence) FROM gone))
        WHERE EXISTS (SELECT 1 FROM gone)
      )
      SELECT 1 FROM gone`;
  }

  /** OIDs of content that nothing refers to and that bears no mark yet. */
  async findUnused(table: ContentTable, limit: number): Promise<string[]> {
    const rows = await this.database.client.$queryRaw<{ oid: string }[]>`
      SELECT c.oid FROM ${Prisma.raw(table)} c WHERE c.unused_since IS NULL AND NOT ${IS_USED[table]} LIMIT ${limit}`;
    return rows.map(({ oid }) => oid);
  }

  async mark(table: ContentTable, oids: readonly string[]): Promise<number> {
    return this.database.client.$executeRaw`
      UPDATE ${Prisma.raw(table)} SET unused_since = now() WHERE oid = ANY(${[...oids]}) AND unused_since IS NULL`;
  }

  /** Takes the marks of content away that is used again. */
  async unmarkUsed(table: ContentTable): Promise<number> {
    return this.database.client.$executeRaw`
      UPDATE ${Prisma.raw(table)} c SET unused_since = NULL WHERE c.unused_since IS NOT NULL AND ${IS_USED[table]}`;
  }

  /** The files of a tree and the objects of a blob go with it; what the blob store has of it is for {@link BlobStore.sweep}. */
  async removeUnused(table: ContentTable, markedBefore: Date, limit: number): Promise<number> {
    const content = Prisma.raw(table);
    const gone = Prisma.sql`
      DELETE FROM ${content} c WHERE c.oid IN (
        SELECT oid FROM ${content} WHERE unused_since < ${markedBefore} ORDER BY unused_since LIMIT ${limit}
      ) AND c.unused_since < ${markedBefore} AND NOT ${IS_USED[table]}`;
    if (table === 'package_tree') return this.database.client.$executeRaw(gone);
    return this.database.client.$executeRaw`
      WITH gone AS (${gone} RETURNING store_key), freed AS (
        UPDATE blob_store_key k SET unused_since = now() FROM gone WHERE k.key = gone.store_key
      )
      SELECT 1 FROM gone`;
  }
}
