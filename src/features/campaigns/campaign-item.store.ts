import { Injectable } from '@nestjs/common';
import type { Visibility } from '../../access/grants.js';
import { toColumns } from '../../database/columns.js';
import { Database } from '../../database/database.js';
import { type CampaignItem, Prisma } from '../../database/generated/client.js';
import { insertRows } from '../../database/insert-rows.js';
import { labelSelectorSql } from '../../database/label-selector.sql.js';
import { partSql, rowsOf, sortOf } from '../../database/list.sql.js';
import type { CampaignItemState, DigestedItem } from '../../domain/campaign.js';
import { parseLabelSelector } from '../../domain/label-selector.js';
import type { Part, Rows } from '../../domain/list.js';
import type { ItemPlace, ItemRow, NeededItem, StoredError } from './campaign-row.js';
import { LEFT_OUT } from './campaign-row.js';
import { type CampaignItemFilter, ITEM_SORTS, itemConditions } from './campaign.filter.js';
import { ITEM, itemSeenSql } from './campaign.sql.js';

/** How many items of a wave are in a state. */
export interface ItemCount {
  wave: number | null;
  state: CampaignItemState;
  count: number;
}

/** The rows of what campaigns do to each package. */
@Injectable()
export class CampaignItemStore {
  constructor(private readonly database: Database) {}

  async list(
    campaignId: string,
    filter: CampaignItemFilter,
    visible: Visibility,
    part: Part,
  ): Promise<Rows<ItemRow & { repository: string | null }>> {
    const sort = sortOf(ITEM_SORTS, part.sort ?? 'position');
    const conditions = [
      Prisma.sql`i.campaign_id = ${campaignId}::uuid`,
      itemSeenSql(visible),
      ...itemConditions(filter),
    ];
    const found = await this.database.read<ItemRow & { repository: string | null }>(Prisma.sql`
      SELECT ${ITEM}, (SELECT r.name FROM repository r WHERE r.id = i.repository_id) AS repository
      FROM campaign_item i ${partSql(sort, conditions, part)}`);
    return rowsOf(sort, found, part);
  }

  async find(campaignId: string, id: string): Promise<ItemRow | null> {
    const [row] = await this.database.readByKey<ItemRow>(
      Prisma.sql`SELECT ${ITEM} FROM campaign_item i WHERE i.id = ${id}::uuid AND i.campaign_id = ${campaignId}::uuid`,
    );
    return row ?? null;
  }

  /** The items in a state, in their order. */
  async inState(campaignId: string, state: CampaignItemState, limit: number): Promise<ItemRow[]> {
    return this.database.readByKey<ItemRow>(Prisma.sql`
      SELECT ${ITEM} FROM campaign_item i
      WHERE i.campaign_id = ${campaignId}::uuid AND i.state = ${state} ORDER BY i.position LIMIT ${limit}`);
  }

  /** Those that have led to a publication. */
  async finished(campaignId: string): Promise<ItemRow[]> {
    return this.database.readByKey<ItemRow>(Prisma.sql`
      SELECT ${ITEM} FROM campaign_item i
      WHERE i.campaign_id = ${campaignId}::uuid AND i.state IN ('published', 'done') ORDER BY i.position`);
  }

  /** By waves and states, of those that may be seen. */
  async counts(campaignId: string, visible: Visibility): Promise<ItemCount[]> {
    return this.database.read<ItemCount>(Prisma.sql`
      SELECT i.wave, i.state, count(*)::int AS count FROM campaign_item i
      WHERE i.campaign_id = ${campaignId}::uuid AND ${itemSeenSql(visible)} GROUP BY i.wave, i.state`);
  }

  /** Where the items are that something would be done to. */
  async places(campaignId: string): Promise<ItemPlace[]> {
    return this.database.readByKey<ItemPlace>(Prisma.sql`
      SELECT DISTINCT i.repository_id AS "repositoryId", i.path FROM campaign_item i
      WHERE i.campaign_id = ${campaignId}::uuid AND i.state <> ALL(${[...LEFT_OUT]}::text[])`);
  }

  /** What the digest of the plan covers. */
  async digested(campaignId: string): Promise<DigestedItem[]> {
    return this.database.readByKey<DigestedItem>(Prisma.sql`
      SELECT i.package_id AS "packageId", i.wave, i.tree, i.result_tree AS "resultTree",
        i.to_revision_id AS "toRevisionId", i.waits_for AS "waitsFor"
      FROM campaign_item i WHERE i.campaign_id = ${campaignId}::uuid AND i.state = 'planned'`);
  }

  /** What was decided about packages in the plan before this one. */
  async decided(campaignId: string): Promise<Map<string, ItemRow>> {
    const rows = await this.database.readByKey<ItemRow>(Prisma.sql`
      SELECT ${ITEM} FROM campaign_item i WHERE i.campaign_id = ${campaignId}::uuid
      AND (i.resolutions <> '{}' OR i.default_resolution IS NOT NULL OR i.state = 'excluded' AND i.error IS NULL)`);
    return new Map(rows.map((row) => [row.packageId, row]));
  }

  async replace(campaignId: string, rows: readonly ItemRow[]): Promise<void> {
    await this.database.client.campaignItem.deleteMany({ where: { campaignId } });
    await insertRows(
      this.database,
      'campaign_item',
      rows.map((row) => ({ ...row })),
    );
  }

  /** Writes these rows as they are now. */
  async save(rows: readonly ItemRow[]): Promise<void> {
    if (rows.length === 0) return;
    await this.database.write(Prisma.sql`
      UPDATE campaign_item i SET wave = j.wave, revision_id = j.revision_id, revision = j.revision, tree = j.tree,
        to_revision_id = j.to_revision_id, to_revision = j.to_revision, result_tree = j.result_tree, plan = j.plan,
        resolutions = j.resolutions, default_resolution = j.default_resolution, summary = j.summary,
        warnings = coalesce(j.warnings, '{}'), state = j.state, error = j.error, draft_id = j.draft_id,
        published_revision = j.published_revision, operation_ids = coalesce(j.operation_ids, '{}'),
        attempts = j.attempts, started_at = j.started_at, published_at = j.published_at, ended_at = j.ended_at,
        version = j.version
      FROM json_populate_recordset(NULL::campaign_item, ${JSON.stringify(rows.map(toColumns))}::json) j
      WHERE i.id = j.id`);
  }

  /** The positions of the items whose package or target has such labels; a label of the package goes before its target's. */
  async matching(campaignId: string, selector: string): Promise<Set<number>> {
    const labels = Prisma.sql`(coalesce(t.labels, '{}') || p.labels)`;
    const rows = await this.database.read<Pick<CampaignItem, 'position'>>(Prisma.sql`
      SELECT i.position FROM campaign_item i JOIN package p ON p.id = i.package_id
      LEFT JOIN target t ON t.name = p.target
      WHERE i.campaign_id = ${campaignId}::uuid AND ${labelSelectorSql(labels, parseLabelSelector(selector))}`);
    return new Set(rows.map(({ position }) => position));
  }

  /** Those to which something would be done, in their order. */
  async open(campaignId: string): Promise<Pick<ItemRow, 'position'>[]> {
    return this.database.readByKey<Pick<ItemRow, 'position'>>(Prisma.sql`
      SELECT i.position FROM campaign_item i
      WHERE i.campaign_id = ${campaignId}::uuid AND i.state IN ('planned', 'conflicted') ORDER BY i.position`);
  }

  /** Gives items their waves, by their positions; null: it has none. */
  async assignWaves(campaignId: string, waves: ReadonlyMap<number, number | null>): Promise<void> {
    await this.database.write(Prisma.sql`
      UPDATE campaign_item i SET wave = w.wave
      FROM unnest(${[...waves.keys()]}::int[], ${[...waves.values()]}::int[]) AS w(position, wave)
      WHERE i.campaign_id = ${campaignId}::uuid AND i.position = w.position`);
  }

  /** Writes down what items wait for, by the ids of their packages; the others wait for nothing. */
  async assignOrder(campaignId: string, order: ReadonlyMap<string, readonly NeededItem[]>): Promise<void> {
    const needed = [...order.values()].map((each) => JSON.stringify(each));
    await this.database.write(Prisma.sql`
      UPDATE campaign_item i SET waits_for = coalesce((SELECT n.needed::jsonb
        FROM unnest(${[...order.keys()]}::uuid[], ${needed}::text[]) AS n(id, needed) WHERE n.id = i.package_id), '[]')
      WHERE i.campaign_id = ${campaignId}::uuid`);
  }

  /** Leaves out what no wave takes, or these packages. */
  async leaveOut(campaignId: string, which: 'withoutWave' | readonly string[], error: StoredError): Promise<void> {
    const condition =
      which === 'withoutWave' ? Prisma.sql`i.wave IS NULL` : Prisma.sql`i.package_id = ANY(${[...which]}::uuid[])`;
    await this.database.write(Prisma.sql`
      UPDATE campaign_item i SET state = 'excluded', error = ${JSON.stringify(error)}::jsonb
      WHERE i.campaign_id = ${campaignId}::uuid AND i.state IN ('planned', 'conflicted') AND ${condition}`);
  }
}
